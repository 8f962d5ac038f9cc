"""The wire format: values as bytes, between a worker, whose every byte may be hostile, and a judge."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
