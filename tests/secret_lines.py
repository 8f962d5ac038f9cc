"""What no student may see of a lesson, for tests of all that is handed out."""

from autograder.course import Course, read_lesson


def secret_lines(lesson):
    """Lines of solutions, hidden tests and model answers that stand nowhere in what is meant to be shown."""
    secret, shown = set(), []
    for cell in read_lesson(Course().source(lesson)).cells:
        marks = cell.metadata.get("nbgrader", {})
        hiding = bool(marks.get("solution") and marks.get("grade"))
        for line in cell.source.splitlines():
            if "### BEGIN" in line or "### END" in line:
                hiding = "BEGIN" in line
            elif hiding and len(line.strip()) > 12:
                secret.add(line.strip())
            else:
                shown.append(line)
    text = "\n".join(shown)
    return {line for line in secret if line not in text}
