# What other packages use; each name is imported when it is first asked for.
from .grade import grade_class as grade_class
from .nbgrader_plugin import configure as configure
from .regrade import preview as preview
from .regrade import write as write
from .selfstudy import SelfStudy as SelfStudy
