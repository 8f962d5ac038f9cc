"""What a function does besides returning a value: to its arguments, to what both sides hold, and to what is around it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
