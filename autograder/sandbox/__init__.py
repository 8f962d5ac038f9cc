"""The sandbox: isolated processes that run other people's code, and the messages exchanged with them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
