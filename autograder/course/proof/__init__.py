"""The proof that a lesson's tests are right: who is accepted, who is rejected, and who is told so by a visible check."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
