# What other packages use; each name is imported when it is first asked for.
from .channel import Channel as Channel
from .codec import FrameLimits as FrameLimits
from .codec import Handle as Handle
from .codec import Iteration as Iteration
from .exceptions import Raised as Raised
