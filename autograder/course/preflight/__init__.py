"""What a pre-flight finds out before anybody is graded: where each test of a lesson can be judged, why, and what helps."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
