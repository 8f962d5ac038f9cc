# What other packages use; each name is imported when it is first asked for.
from .exporter import export as export
from .feedback_zip import feedback_archive as feedback_archive
from .importer import import_archive as import_archive
