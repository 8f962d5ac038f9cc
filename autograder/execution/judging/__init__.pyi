# What other packages use; each name is imported when it is first asked for.
from .callbacks import Callbacks as Callbacks
from .diagnosis import diagnose as diagnose
from .proxies import Proxy as Proxy
from .proxies import bring_back as bring_back
from .solutions import Solutions as Solutions
from .solutions import StandIns as StandIns
