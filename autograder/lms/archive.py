"""Reads an archive with untrusted contents: a zip file, or the folder that it was unpacked into.

Nothing is unpacked. An entry's name is only read, never used as a path, and every limit counts the bytes that were
decompressed, not what a header claims. Limits apply to each student's folder first, so that no student can use up the
share of others.
"""

from __future__ import annotations

import contextlib
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from autograder.errors import AutograderError, UsageError
from autograder.files import printable
from autograder.notebooks.file_names import NOTEBOOK
from autograder.notebooks.folder import read_ordinary, walk
from autograder.notebooks.read import MAX_BYTES

# Limits for the whole archive and for one student: what exceeds them is left out, and the import reports it.
MAX_ENTRIES, MAX_NOTEBOOKS_EACH = 200_000, 500
MANY_ENTRIES, FEW_FILES, MAX_SEEN = 20_000, 20, 500_000
MAX_BYTES_EACH = 4 * MAX_BYTES
MAX_NAME, MAX_DEPTH = 1_000, 64
UTF_8_NAME, ENCRYPTED = 0x800, 0x1
# No platform uses other methods, and Python's zipfile decompresses those without a limit.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DOS_EPOCH = datetime(1980, 1, 1)
# The prefix of file names on platforms that make no folders.
FLAT = re.compile(r".*?_[0-9]{1,20}_", re.DOTALL)
JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Entry:
    """One file of an archive.

    `name` has forward slashes and composed accents (NFC); `time` is the modification time in the archive, in the time
    zone of whoever made it; `fault` says why the entry must not be read.
    """

    name: str
    time: datetime | None = None
    fault: str = ""
    key: Path | zipfile.ZipInfo | None = field(default=None, repr=False)  # two entries may have one name

    @property
    def parts(self) -> list[str]:
        return [part for part in self.name.split("/") if part not in ("", ".")]


class Archive:
    """The entries of a zip file or a folder; `read` returns the bytes of one.

    Raises:
        UsageError: the path does not exist or is not a zip file, or it has more entries than the limits allow.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        self._taken: Counter[str] = Counter()
        if path.is_dir():
            self.entries = self._fair(_walk(path))
        else:
            with contextlib.ExitStack() as undo:
                self._zip = undo.enter_context(_open(path))
                self.entries = self._fair(map(_entry, self._zip.infolist()))
                # From here on `__exit__` closes the file; it does not run if the constructor raises.
                undo.pop_all()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def _fair(self, entries: Iterator[Entry | None]) -> list[Entry]:
        """The entries without junk, and with limited numbers of notebooks and of faults for each student."""
        found = [one for one in entries if one is not None and (one.fault or not _is_junk(one))]
        depth = _common_depth(found)
        notebooks: Counter[str] = Counter()
        faults: Counter[str] = Counter()
        kept = []
        for one in found:
            whose = _whose(one, depth)
            notebooks[whose] += not one.fault and NOTEBOOK.search(one.name) is not None
            if whose and notebooks[whose] > MAX_NOTEBOOKS_EACH and not one.fault:
                one_too_many = f"there are more than {MAX_NOTEBOOKS_EACH} notebooks; ask the student."
                entry = replace(one, fault=one_too_many)
            else:
                entry = one
            faults[whose] += bool(entry.fault)
            if not entry.fault or faults[whose] <= FEW_FILES:
                kept.append(entry)
        return kept

    def read(self, entry: Entry, limit: int | None = None, whose: str = "") -> bytes:
        """Read the bytes of an entry.

        Args:
            limit: the maximum number of bytes; by default MAX_BYTES, the limit for a notebook.
            whose: the student whom it belongs to; everything read for one student may have MAX_BYTES_EACH.

        Raises:
            AutograderError: the entry must not be read or is damaged, or it has more than `limit` bytes or more than
                is left of MAX_BYTES_EACH.
        """
        where = printable(entry.name)
        if entry.fault:
            raise AutograderError(entry.fault, where=where)
        limit = MAX_BYTES if limit is None else limit
        most = min(limit, MAX_BYTES_EACH - self._taken[whose]) if whose else limit
        try:
            content = self._content(entry.key, most)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
            raise AutograderError(
                f"the entry is damaged ({printable(str(error))}).", where=where, remedy="Download the archive again."
            ) from error
        self._taken[whose] += min(len(content), most)
        if len(content) > most:
            which = (
                f"the file has more than {limit / 2**20:g} MB"
                if most == limit
                else f"the student's files together have more than {MAX_BYTES_EACH / 2**20:g} MB"
            )
            raise AutograderError(f"{which}.", where=where, remedy="No honest notebook is so large: ask the student.")
        return content

    def _content(self, key: Path | zipfile.ZipInfo | None, most: int) -> bytes:
        if isinstance(key, Path):
            return read_ordinary(key, most)
        if self._zip is None or key is None:
            raise ValueError("it belongs to another archive")
        with self._zip.open(key) as file:
            return file.read(most + 1)


class _Bounded(list):
    """A list of entries that limits its own size, because zipfile fills it before its contents can be checked.

    Folders are not kept. Once there are many entries, only a few files and a limited number of notebooks of each folder
    are kept, and no top-level folder may use up the space of the others.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen = 0
        self._counts: Counter[tuple[str, bool]] = Counter()

    def append(self, item: zipfile.ZipInfo) -> None:
        self._seen += 1
        if self._seen > MAX_SEEN or len(self) >= MAX_ENTRIES:
            raise OverflowError
        if item.filename.endswith("/"):
            return
        if len(self) < MANY_ENTRIES or self._is_wanted(item.filename):
            super().append(item)

    def _is_wanted(self, name: str) -> bool:
        parts = name.split("/", 3)
        if len(parts) == 1:
            match = FLAT.match(name)
            parts = [match[0], ""] if match else ["", ""]
        is_notebook = NOTEBOOK.search(name) is not None
        inner, outer = ("/".join(parts[:-1][:2]), is_notebook), (parts[0], is_notebook)
        self._counts[inner] += 1
        self._counts[outer] += inner != outer
        most = MAX_NOTEBOOKS_EACH + 1 if is_notebook else FEW_FILES
        return self._counts[inner] <= most and self._counts[outer] <= MAX_ENTRIES // 4


class _Nothing(dict):
    """Replaces zipfile's index by name, which is not used here; it stays empty to save memory."""

    def __setitem__(self, name: str, item: zipfile.ZipInfo) -> None:
        pass


class _ZipFile(zipfile.ZipFile):
    """A ZipFile that keeps a limited number of entries; raises OverflowError if there are too many to look at."""

    @property
    def filelist(self) -> list[zipfile.ZipInfo]:
        return self._bounded

    @filelist.setter
    def filelist(self, _: list[zipfile.ZipInfo]) -> None:
        self._bounded = _Bounded()

    @property
    def NameToInfo(self) -> dict[str, zipfile.ZipInfo]:  # noqa: N802, zipfile's name
        return _Nothing()

    @NameToInfo.setter
    def NameToInfo(self, _: dict[str, zipfile.ZipInfo]) -> None:  # noqa: N802
        pass


def _open(path: Path) -> zipfile.ZipFile:
    remedy = "Download it again, or pack it as zip."
    try:
        if path.exists() and not path.is_file():
            raise zipfile.BadZipFile
        return _ZipFile(path)
    except FileNotFoundError as error:
        raise UsageError(
            "there is no such file or folder.", where=str(path), remedy="Name the downloaded archive."
        ) from error
    except OverflowError as error:
        raise UsageError(
            f"the archive has more entries than any class needs (at most {MAX_ENTRIES:,} that count, {MAX_SEEN:,} in all).",
            where=str(path),
            remedy="Find the folder that is so large, remove it, and import the rest.",
        ) from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, struct.error, MemoryError) as error:
        raise UsageError("this is not a zip archive, or a damaged one.", where=str(path), remedy=remedy) from error
    except OSError as error:
        raise UsageError(f"the archive cannot be read ({error.strerror}).", where=str(path), remedy=remedy) from error


def _entry(info: zipfile.ZipInfo) -> Entry | None:
    name = info.orig_filename
    if not info.flag_bits & UTF_8_NAME:
        # macOS and old platforms write UTF-8 without setting the flag that says so.
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    # For speed, only names that are not plain ASCII are normalized; a name that is too long is cut below.
    name = (name if name.isascii() else unicodedata.normalize("NFC", name)).replace("\\", "/")
    if name.endswith("/"):
        return None
    try:
        time = datetime(*info.date_time)
    except ValueError:
        time = None
    return Entry(name[:MAX_NAME], time if time != DOS_EPOCH else None, _fault(name, info), info)


def _fault(name: str, info: zipfile.ZipInfo) -> str:
    """Why an entry must not be read; "" if it may be."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its name is an absolute path, which no platform writes; the entry is left out."
    if ".." in name.split("/"):
        return "its name leads out of the archive ('..'), which no platform writes; the entry is left out."
    if "\0" in name or len(name) > MAX_NAME or name.count("/") > MAX_DEPTH:
        return (
            "its name is too long, too deeply nested or has a NUL byte, unlike any platform's; the entry is left out."
        )
    if kind not in (0, stat.S_IFREG):
        return "it is a link or a device, not a file; the entry is left out."
    if info.flag_bits & ENCRYPTED:
        return "it is encrypted; ask the student to hand in again without a password."
    if info.compress_type not in METHODS:
        return "it is compressed in a way that no platform uses; ask the student to hand in the notebook itself."
    return ""


def _walk(top: Path) -> Iterator[Entry]:
    """The files below a folder, each with a fault if it must not be read."""
    for found in walk(top, max_depth=MAX_DEPTH, max_seen=MAX_ENTRIES):
        if not found.relative:
            raise UsageError(
                f"{found.fault}.",
                where=str(top),
                remedy="Find the folder that is too large or cannot be opened, remove it, and import the rest.",
            )
        time = None
        with contextlib.suppress(ValueError, OverflowError, OSError):
            time = datetime.fromtimestamp(found.modified) if not found.fault else None
        fault = f"{found.fault}; it is left out." if found.fault else ""
        yield Entry(_clean(found.relative)[:MAX_NAME], time, fault, found.path)


def _clean(name: str) -> str:
    """A file name from disk as text; bytes that are not valid UTF-8 are replaced."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _common_depth(entries: list[Entry]) -> int:
    """The number of folders, from the top, that all entries have in common."""
    paths = [entry.parts[:-1] for entry in entries if not entry.fault]
    if not paths:
        return 0
    lowest, highest = min(paths), max(paths)
    return next(
        (n for n, (one, other) in enumerate(zip(lowest, highest, strict=False)) if one != other),
        min(len(lowest), len(highest)),
    )


def _whose(entry: Entry, depth: int) -> str:
    """The student's folder that an entry is in; without such folders, the prefix of its name; "" if neither."""
    parts = entry.parts
    if len(parts) > depth + 1:
        return "/".join(parts[: depth + 1])
    match = FLAT.match(parts[-1]) if parts else None
    return "/".join([*parts[:depth], match[0]]) if match else ""


def _is_junk(entry: Entry) -> bool:
    """Whether an entry is a leftover of an operating system or of Jupyter."""
    return any(part.startswith(".") or part in JUNK for part in entry.parts)
