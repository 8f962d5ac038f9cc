"""nbgrader's gradebook: opening it safely, and reading and writing the results of submissions."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
