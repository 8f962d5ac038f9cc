"""Files and text of any kind: written whole or not at all, one JSON object a line, CSV, names from strangers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
