"""Feedback pages in an archive, under the names by which a platform hands each of them to its student.

Canvas (`infer_comment_context_from_filename` in `app/models/assignment.rb`) wants `_<user id>_<attachment id>_` in a
file's name, so each page is called as the notebook was; Moodle (`mod/assign/feedback/file/importziplib.php`) wants a
folder `<full name>_<participant id>_assignsubmission_file_`.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from autograder.classroom import ClassDirectory
from autograder.errors import AutograderError
from autograder.lms.import_log import Imports
from autograder.lms.importer import write_out
from autograder.lms.platforms import MOODLE
from autograder.notebooks.file_names import NOTEBOOK


def feedback_archive(classroom: ClassDirectory, lesson: str, form: str, target: Path) -> tuple[int, list[str]]:
    """Zip the feedback pages of a lesson under the names by which the platform hands each to its student.

    Returns:
        how many pages are in it, and a sentence for each student whose page is not.

    Raises:
        AutograderError: no page could be named; nothing was written.
    """
    classroom.select([lesson])
    imports, faults, content = Imports(classroom.path), [], io.BytesIO()
    notebooks = {one.student: one.notebook for one in classroom.submissions([lesson])}
    pages = sorted(classroom.path.glob(f"feedback/*/{lesson}/{lesson}.html"))
    count = 0
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            student = page.parents[1].name
            record = imports.of(lesson, student, form)
            handed_in = notebooks.get(student, page)
            if not record:
                faults.append(
                    f"{student}: nothing of {lesson} was imported from {form}, so {form}'s name is not known."
                )
            elif handed_in.is_file() and handed_in.stat().st_mtime > page.stat().st_mtime:
                faults.append(f"{student}: a later submission was imported and is not graded yet. Run grade first.")
            else:
                archive.write(page, _feedback_name(record["entry"], lesson, form))
                count += 1
    if not count:
        raise AutograderError(
            "there is no feedback to hand back" + (f": {faults[0]}" if faults else "."),
            where=f"{classroom.path}, {lesson}",
            remedy=f"Import the submissions from {form} with 'import' and run 'grade', then this.",
        )
    write_out(target, content.getvalue())
    return count, faults


def _feedback_name(entry: str, lesson: str, form: str) -> str:
    if form == "canvas":
        return NOTEBOOK.sub("", entry.rsplit("/", 1)[-1]) + ".html"
    folder = next(match for part in entry.split("/") if (match := MOODLE.fullmatch(part)))
    return f"{folder['name']}_{folder['user']}_assignsubmission_file_/{lesson}.html"
