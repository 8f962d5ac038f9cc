# What other packages use; each name is imported when it is first asked for.
from .cells import graded_cells as graded_cells
from .cells import with_tests as with_tests
from .folder import handed_in_files as handed_in_files
from .names import free_names as free_names
from .names import global_names as global_names
from .read import parse_notebook as parse_notebook
