# What other packages use; each name is imported when it is first asked for.
from .answers import GivenCell as GivenCell
from .answers import RepairedNotebook as RepairedNotebook
from .clerks import Clerk as Clerk
from .clerks import shared_clerks as shared_clerks
