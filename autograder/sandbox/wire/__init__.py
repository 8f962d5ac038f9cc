"""The wire format between worker and judge: values as bytes, read as if every byte were hostile."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
