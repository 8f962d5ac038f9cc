"""The kinds of values that cross the walls besides plain ones, each taken apart into plain parts and rebuilt from them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
