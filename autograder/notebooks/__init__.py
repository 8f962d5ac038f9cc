"""What a notebook is: its cells, the names in them, and how a stranger's file is read and repaired."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
