"""Read an archive that strangers filled: a zip, or the folder that it was unpacked into.

Nothing is unpacked. An entry's name is only ever read, never used as a path, and every cap counts bytes that came out,
not what a header promises. Caps hold for each student's folder first, so that nobody uses up what belongs to others.
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

# Of all that an archive may have, and of what one student may: more is left out, and the import says so.
MAX_ENTRIES, MAX_NOTEBOOKS_EACH = 200_000, 500
MANY_ENTRIES, FEW_FILES, MAX_SEEN = 20_000, 20, 500_000
MAX_BYTES_EACH = 4 * MAX_BYTES
MAX_NAME, MAX_DEPTH = 1_000, 64
UTF_8_NAME, ENCRYPTED = 0x800, 0x1
# Others are no platform's, and Python's zipfile decompresses them without a limit.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DOS_EPOCH = datetime(1980, 1, 1)
# What a name begins with where a platform makes no folders.
FLAT = re.compile(r".*?_[0-9]{1,20}_", re.DOTALL)
JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Entry:
    """One file of an archive.

    `name` has forward slashes and composed accents (NFC); `time` is what the archive says, in its maker's time zone;
    `fault` says why the entry must not be read.
    """

    name: str
    time: datetime | None = None
    fault: str = ""
    key: object = field(default=None, repr=False)  # two entries may have one name

    @property
    def parts(self) -> list[str]:
        return [part for part in self.name.split("/") if part not in ("", ".")]


class Archive:
    """The entries of a zip file or a folder; `read` gives one's bytes.

    Raises:
        UsageError: there is nothing of the name, it is no zip, or it has more entries than fit into memory.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._zip = path, None
        self._taken: Counter[str] = Counter()
        if path.is_dir():
            self.entries = self._fair(_walk(path))
        else:
            with contextlib.ExitStack() as undo:
                self._zip = undo.enter_context(_open(path))
                self.entries = self._fair(map(_entry, self._zip.infolist()))
                # A context manager does not close what its constructor leaves open.
                undo.pop_all()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def _fair(self, entries: Iterator[Entry | None]) -> list[Entry]:
        """Those that are no junk; of one student not more notebooks or faults than anybody wants to read about."""
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
        """The entry's bytes.

        Args:
            whose: whom it belongs to; all that is read of one student may hold MAX_BYTES_EACH.

        Raises:
            AutograderError: the entry must not be read, is damaged, or holds more than `limit` bytes (a notebook's
                MAX_BYTES if None), or more than is left of MAX_BYTES_EACH.
        """
        where = printable(entry.name)
        if entry.fault:
            raise AutograderError(entry.fault, where=where)
        limit = MAX_BYTES if limit is None else limit
        most = min(limit, MAX_BYTES_EACH - self._taken[whose]) if whose else limit
        try:
            if self._zip is None:
                content = read_ordinary(entry.key, most)
            else:
                with self._zip.open(entry.key) as file:
                    content = file.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
            raise AutograderError(
                f"it is damaged ({printable(str(error))}).", where=where, remedy="Download the archive again."
            ) from error
        self._taken[whose] += min(len(content), most)
        if len(content) > most:
            which = (
                f"it holds more than {limit / 2**20:g} MB"
                if most == limit
                else "the student's files are too large in all"
            )
            raise AutograderError(f"{which}.", where=where, remedy="No honest notebook does: ask the student.")
        return content


class _Bounded(list):
    """A list of entries that stays small: zipfile fills it before anybody can look.

    Folders are no entries. Once there are many, of each folder a few files and no more notebooks than anybody reads are
    enough, and no top folder may fill the list for all.
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
    """zipfile's second list, by name, which nobody asks."""

    def __setitem__(self, name: str, item: zipfile.ZipInfo) -> None:
        pass


class _ZipFile(zipfile.ZipFile):
    """A ZipFile that keeps few entries, and gives up when there are more than it can look at."""

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
            f"the archive has more entries than any class needs ({MAX_ENTRIES:,} that count, {MAX_SEEN:,} in all).",
            where=str(path),
            remedy="See whose folder is so large, take it out, and import the rest.",
        ) from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, struct.error, MemoryError) as error:
        raise UsageError("this is no zip archive, or a damaged one.", where=str(path), remedy=remedy) from error
    except OSError as error:
        raise UsageError(f"it cannot be read ({error.strerror}).", where=str(path), remedy=remedy) from error


def _entry(info: zipfile.ZipInfo) -> Entry | None:
    name = info.orig_filename
    if not info.flag_bits & UTF_8_NAME:
        # macOS and old platforms write UTF-8 and do not say so.
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    # Most names are plain, and only a few of the first letters are ever shown of one that is too long.
    name = (name if name.isascii() else unicodedata.normalize("NFC", name)).replace("\\", "/")
    if name.endswith("/"):
        return None
    try:
        time = datetime(*info.date_time)
    except ValueError:
        time = None
    return Entry(name[:MAX_NAME], time if time != DOS_EPOCH else None, _fault(name, info), info)


def _fault(name: str, info: zipfile.ZipInfo) -> str:
    """Why an entry must not be read."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its name is an absolute path, which no platform writes; the entry is left out."
    if ".." in name.split("/"):
        return "its name leads out of the archive, which no platform writes; the entry is left out."
    if "\0" in name or len(name) > MAX_NAME or name.count("/") > MAX_DEPTH:
        return "its name is longer or deeper than any platform's, or holds a NUL; the entry is left out."
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
                remedy="See whose folder is so large, or closed, take it out, and import the rest.",
            )
        time = None
        with contextlib.suppress(ValueError, OverflowError, OSError):
            time = datetime.fromtimestamp(found.modified) if not found.fault else None
        fault = f"{found.fault}; it is left out." if found.fault else ""
        yield Entry(_clean(found.relative)[:MAX_NAME], time, fault, found.path)


def _clean(name: str) -> str:
    """A name on a disk, which may hold bytes that are no text."""
    return unicodedata.normalize("NFC", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))


def _common_depth(entries: list[Entry]) -> int:
    """How many folders hold all of these."""
    paths = [entry.parts[:-1] for entry in entries if not entry.fault]
    if not paths:
        return 0
    lowest, highest = min(paths), max(paths)
    return next(
        (n for n, (one, other) in enumerate(zip(lowest, highest, strict=False)) if one != other),
        min(len(lowest), len(highest)),
    )


def _whose(entry: Entry, depth: int) -> str:
    """The student's folder in which an entry lies, or where there are none what its name begins with."""
    parts = entry.parts
    if len(parts) > depth + 1:
        return "/".join(parts[: depth + 1])
    match = FLAT.match(parts[-1]) if parts else None
    return "/".join([*parts[:depth], match[0]]) if match else ""


def _is_junk(entry: Entry) -> bool:
    """What operating systems and Jupyter leave behind."""
    return any(part.startswith(".") or part in JUNK for part in entry.parts)
