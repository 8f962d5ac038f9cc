# What other packages use; each name is imported when it is first asked for.
from .class_report import Report as Report
from .class_report import write_report as write_report
from .feedback import feedback_page as feedback_page
from .feedback import fill_in_grades as fill_in_grades
from .similarity import similar_pairs as similar_pairs
