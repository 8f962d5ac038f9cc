"""The lessons of a repository: their sources, releases, known answers, and the proof that their tests are right."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
