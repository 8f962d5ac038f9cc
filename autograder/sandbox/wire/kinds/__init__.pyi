# What other packages use; each name is imported when it is first asked for.
from .figures import adopt as adopt
from .figures import open_figures as open_figures
from .registry import apart as apart
from .registry import is_shared as is_shared
from .registry import together as together
from .standard_types import underlying as underlying
