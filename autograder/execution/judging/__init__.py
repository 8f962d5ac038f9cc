"""What a judge needs for its verdict: the student's functions by proxy, outputs, and what is known of wrong answers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
