# What other packages use; each name is imported when it is first asked for.
from .conversation import Conversation as Conversation
from .conversation import WorkerLost as WorkerLost
from .diagnosis import diagnose as diagnose
from .proxies import Proxy as Proxy
from .solutions import Solutions as Solutions
from .solutions import StandIns as StandIns
