"""Files and text in general: atomic writes, files of JSON lines, CSV tables, and strangers' text made safe to print."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
