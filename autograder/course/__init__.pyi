# What other packages use; each name is imported when it is first asked for.
from .answers import read_answers as read_answers
from .lessons import Course as Course
from .release import build as build
from .source import read_lesson as read_lesson
from .variants import solved as solved
