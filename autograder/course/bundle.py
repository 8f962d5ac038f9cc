"""The archive that students get: lessons, data, `convlab` and an environment; no solutions or grading code."""

from __future__ import annotations

import io
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from autograder.course.lessons import Course
from autograder.course.release import released
from autograder.errors import BundleError
from autograder.files import write_atomically

TOP = "convlab-course"
# Not all of data/: the scripts that made the data build the model that lesson 7 asks for.
DATA = ("LICENSE", "README.md", "SHA256SUMS", "fashion_mnist_subset.npz", "large_model.npz")
LICENCES = ("LICENSE", "LICENSE-TEXT")
# Zip archives store the time of each file. A fixed time gives the same bytes for the same course.
WHEN = (1980, 1, 1, 0, 0, 0)

README = """\
# Convolutional networks, lesson by lesson

Each lesson is a notebook with explanations, pictures and exercises. You need no GPU and, once installed, no network.

## Begin

With conda (Miniforge, Anaconda):

    conda env create -f environment.yml
    conda activate convlab
    jupyter lab --ServerApp.root_dir=. lessons/{first}/{first}.ipynb

Or with Python 3.11 to 3.13 alone, in this folder:

    python -m venv .venv
    .venv/bin/pip install -e .          # Windows: .venv\\Scripts\\pip install -e .
    .venv/bin/jupyter lab --ServerApp.root_dir=. lessons/{first}/{first}.ipynb

The other lessons are in the folder `lessons`, in the list of files on the left.

## Work

Read, predict, run each cell with Shift+Enter. In an exercise, replace `raise NotImplementedError` with your code; the cell
below it checks it at once and says what it expected and what it got. Keep the names of the functions, and hand in the
notebook under its original name.

## The lessons

{lessons}

Code: MIT licence. Texts and figures: CC BY 4.0. Pictures: Fashion-MNIST by Zalando, MIT licence.
"""


def write_bundle(course: Course, target: Path) -> list[str]:
    """Write the archive and return the names of its files; an existing archive is replaced only by a complete one.

    Raises:
        BundleError: a file of the course is missing, or the archive cannot be written.
    """
    members = dict(_members(course))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(members.items()):
            entry = zipfile.ZipInfo(f"{TOP}/{name}", WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    try:
        write_atomically(target, packed.getvalue())
    except OSError as error:
        raise BundleError(
            f"the bundle cannot be written ({error.strerror}).",
            where=str(target),
            remedy="Check the folder and the free disk space.",
        ) from error
    return sorted(members)


def _members(course: Course) -> Iterator[tuple[str, bytes]]:
    for name in DATA:
        yield f"data/{name}", _content(course.root / "data" / name)
    for name in LICENCES:
        yield name, _content(course.root / name)
    package = course.root / "convlab"
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(course.root).as_posix(), _content(path)
    for lesson, notebook in released(course, course.lessons).items():
        yield f"lessons/{lesson}/{lesson}.ipynb", f"{nbformat.writes(notebook)}\n".encode()
    project = tomllib.loads(_content(course.root / "pyproject.toml").decode())["project"]
    yield "pyproject.toml", _project(project).encode()
    yield "environment.yml", _environment(project).encode()
    lessons = "\n".join(f"- `lessons/{lesson}/{lesson}.ipynb`" for lesson in course.lessons)
    yield "README.md", README.format(first=course.lessons[0], lessons=lessons).encode()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"a file of the course cannot be read ({error.strerror}).",
            where=str(path),
            remedy="Run this in the course's repository.",
        ) from error


def _project(project: dict) -> str:
    """The pyproject.toml for students: what notebooks import, without the grading code and its dependencies."""
    wanted = "".join(f'    "{package}",\n' for package in project["dependencies"])
    return (
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n\n'
        f'[project]\nname = "convlab"\nversion = "{project["version"]}"\n'
        f'requires-python = "{project["requires-python"]}"\ndependencies = [\n{wanted}]\n\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["convlab"]\n'
    )


def _environment(project: dict) -> str:
    lines = "".join(f"      - {package}\n" for package in [*project["dependencies"], "-e ."])
    return (
        "# conda env create -f environment.yml && conda activate convlab\nname: convlab\nchannels:\n  - conda-forge\n"
        f"dependencies:\n  - python {project['requires-python']}\n  - pip\n  - pip:\n{lines}"
    )
