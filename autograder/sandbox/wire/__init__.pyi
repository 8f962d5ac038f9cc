# What other packages use; each name is imported when it is first asked for.
from .channel import Channel as Channel
from .codec import FrameLimits as FrameLimits
from .exceptions import Raised as Raised
from .handles import Handle as Handle
from .handles import Own as Own
