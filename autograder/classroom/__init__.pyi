# What other packages use; each name is imported when it is first asked for.
from .create import new_class as new_class
from .directory import ClassDirectory as ClassDirectory
from .directory import Submission as Submission
from .journal import Journal as Journal
from .lock import writing as writing
from .roster import read_roster as read_roster
