"""Grading: from submissions to grades, notebooks and feedback, for one submission or a class; regrading; self-study."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
