# What other packages use; each name is imported when it is first asked for.
from .arguments import bring_back as bring_back
from .folder import Folder as Folder
from .shared import Shared as Shared
from .surroundings import TestSide as TestSide
from .surroundings import Watching as Watching
