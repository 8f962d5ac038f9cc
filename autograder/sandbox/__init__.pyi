# What other packages use; each name is imported when it is first asked for.
from .forkserver import ForkServer as ForkServer
from .process import Limits as Limits
from .process import Process as Process
from .process import Program as Program
from .walls import missing as missing
