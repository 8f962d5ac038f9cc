"""A class on disk: its folders, its students, what was handed out, and who writes into it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
