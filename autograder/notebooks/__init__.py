"""Notebooks: their cells, the names that cells use, and reading and repairing a stranger's file."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
