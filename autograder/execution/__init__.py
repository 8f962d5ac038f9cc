"""Runs one notebook: a worker process runs the student's cells, a judge process runs the tests."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
