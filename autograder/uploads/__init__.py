"""Clerks: sandboxed processes with tight limits that read, repair and render what strangers handed in."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
