"""Packs feedback pages into an archive under the names by which a platform gives each page to its student.

Canvas (`infer_comment_context_from_filename` in `app/models/assignment.rb`) expects `_<user id>_<attachment id>_` in a
file's name, so each page gets the name of the submitted notebook; Moodle (`mod/assign/feedback/file/importziplib.php`)
expects a folder `<full name>_<participant id>_assignsubmission_file_`.
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
    """Zip the feedback pages of a lesson under the names by which the platform gives each to its student.

    Returns:
        The number of pages in the archive, and a sentence for each student whose page is missing from it.

    Raises:
        AutograderError: there is no page to pack, and nothing was written, or the archive cannot be written.
    """
    classroom.select([lesson])
    imports, faults, content = Imports(classroom.path), [], io.BytesIO()
    notebooks = {(one.student, one.notebook_name): one.notebook for one in classroom.submissions([lesson])}
    names = classroom.notebooks(lesson)
    pages = sorted(page for name in names for page in classroom.path.glob(f"feedback/*/{lesson}/{name}.html"))
    count = 0
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            student, name = page.parents[1].name, page.stem
            own = imports.of(lesson, student, form, name)
            # The page of a notebook that was not handed in goes to its student beside the others.
            record = own or next(filter(None, (imports.of(lesson, student, form, other) for other in names)), {})
            handed_in = notebooks.get((student, name), page)
            if not record:
                fault = f"{student}: nothing of {lesson} was imported from {form}, so the name on {form} is unknown."
                faults += [fault] if fault not in faults else []
            elif handed_in.is_file() and handed_in.stat().st_mtime > page.stat().st_mtime:
                faults.append(f"{student}: a later submission was imported but is not graded yet. Run grade first.")
            else:
                archive.write(page, _feedback_name(record["entry"], name, form, other="" if own else name))
                count += 1
    if not count:
        raise AutograderError(
            "there is no feedback to hand back" + (f": {faults[0]}" if faults else "."),
            where=f"{classroom.path}, {lesson}",
            remedy=f"Import the submissions from {form} with 'import', run 'grade', and then this again.",
        )
    write_out(target, content.getvalue())
    return count, faults


def _feedback_name(entry: str, notebook: str, form: str, other: str) -> str:
    """The name of a page; `other` is the notebook's name if the entry in the archive is that of another one."""
    if form == "canvas":
        return NOTEBOOK.sub("", entry.rsplit("/", 1)[-1]) + (f"_{other}.html" if other else ".html")
    folder = next(match for part in entry.split("/") if (match := MOODLE.fullmatch(part)))
    return f"{folder['name']}_{folder['user']}_assignsubmission_file_/{notebook}.html"
