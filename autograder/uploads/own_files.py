"""The instructor's own files beside a lesson's notebooks: they are there when a student's cells run."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.notebooks.folder import MAX_FILES_BYTES, ordinary_files

MAX_OWN_FILES = 1_000
LARGE_BYTES = 2**20  # more than this is not copied for each submission that waits for its turn on this machine


@dataclass(frozen=True)
class OwnFolder:
    """The instructor's files beside the notebooks of a lesson.

    Args:
        path: the lesson's folder in `source/`.
        ignored: patterns of the names that are left out, as in nbgrader's `CourseDirectory.ignore`.
        kept: relative paths that belong to the student, as in nbgrader's `Autograde.exclude_overwriting`.
        max_kilobytes: the size from which on a file is left out, nbgrader's `CourseDirectory.max_file_size`.
    """

    path: Path
    ignored: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    max_kilobytes: int = 100_000

    @classmethod
    def of(cls, directory: CourseDirectory, config: Config, lesson: str) -> OwnFolder:
        """The folder of a lesson, with the settings of its class."""
        path = Path(directory.format_path(directory.source_directory, ".", lesson))
        kept = config.get("Autograde", {}).get("exclude_overwriting", {}).get(lesson, [])
        return cls(path, tuple(directory.ignore), tuple(kept), directory.max_file_size)

    def files(self) -> dict[str, bytes]:
        """The contents of the files, by relative path. Raises OSError, also if they are more than a notebook can have."""
        found = {
            name: path
            for path in map(Path, ordinary_files(str(self.path), [*self.ignored, "*.ipynb"], own=True))
            if (name := path.relative_to(self.path).as_posix()) not in self.kept
        }
        states = {name: path.stat() for name, path in found.items()}
        found = {name: path for name, path in found.items() if states[name].st_size <= 1000 * self.max_kilobytes}
        size = sum(states[name].st_size for name in found)
        if len(found) > MAX_OWN_FILES or size > MAX_FILES_BYTES:
            raise OSError(
                errno.EFBIG,
                f"{len(found):,} files with {size / 2**20:.0f} MB lie beside the notebooks in source/, at most "
                f"{MAX_OWN_FILES:,} with {MAX_FILES_BYTES // 2**20} MB can be there when a notebook runs",
                str(self.path),
            )
        times = tuple((name, str(path), states[name].st_mtime_ns) for name, path in found.items())
        return _contents(times)


@lru_cache(maxsize=16)
def _contents(times: tuple[tuple[str, str, int], ...]) -> dict[str, bytes]:
    """Files by relative path; the times are for the cache."""
    return {name: Path(path).read_bytes() for name, path, _ in times}


def with_own(handed_in: dict[str, bytes], own: dict[str, bytes]) -> dict[str, bytes]:
    """The files that were handed in, overwritten by the instructor's own, as nbgrader does it."""
    folders = {str(parent) for name in own for parent in PurePosixPath(name).parents}
    return {
        name: content
        for name, content in handed_in.items()
        # A student's file may lie where the instructor has a folder, and the other way round.
        if name not in folders and not any(str(parent) in own for parent in PurePosixPath(name).parents)
    } | own
