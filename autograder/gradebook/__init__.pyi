# What other packages use; each name is imported when it is first asked for.
from .database import check_gradebook as check_gradebook
from .database import gradebook_errors as gradebook_errors
from .database import held_gradebook as held_gradebook
from .record import Record as Record
from .scores import Entry as Entry
from .upstream import install as install
