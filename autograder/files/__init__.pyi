# What other packages use; each name is imported when it is first asked for.
from .atomic import write_atomically as write_atomically
from .atomic import write_notebook as write_notebook
from .json_lines import append_lines as append_lines
from .json_lines import read_lines as read_lines
from .tables import read_table as read_table
from .text import printable as printable
