"""Read an archive that strangers filled: a zip, or the folder that it was unpacked into.

Nothing is unpacked. An entry's name is only ever read, never used as a path, and every cap counts bytes that came out,
not what a header promises.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.errors import AutograderError, UsageError
from autograder.submission import MAX_BYTES

MAX_ENTRIES = 50_000
MAX_TOTAL_BYTES = 4 * 2**30
UTF_8_NAME, ENCRYPTED = 0x800, 0x1
# Others are no platform's, and Python's zipfile decompresses them without a limit.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
DOS_EPOCH = datetime(1980, 1, 1)


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


def printable(text: str) -> str:
    """A stranger's text for a terminal: nothing in it moves the cursor or turns the writing around."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


class Archive:
    """The entries of a zip file or a folder; `read` gives one's bytes.

    Raises:
        UsageError: there is nothing of the name, it is no zip, or it has more than MAX_ENTRIES entries.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._zip, self._room = path, None, MAX_TOTAL_BYTES
        if path.is_dir():
            self.entries = list(self._limited(_walk(path)))
        else:
            self._zip = _open(path)
            # A context manager does not close what its constructor leaves open.
            with contextlib.ExitStack() as undo:
                undo.callback(self._zip.close)
                self.entries = list(self._limited(map(_entry, self._zip.infolist())))
                undo.pop_all()

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def _limited(self, entries: Iterator[Entry | None]) -> Iterator[Entry]:
        for count, entry in enumerate(entries):
            if count >= MAX_ENTRIES:
                raise UsageError(
                    f"the archive has more than {MAX_ENTRIES:,} entries.",
                    where=str(self.path),
                    remedy="That is no class's: look at what is in it, and import the notebooks alone.",
                )
            if entry is not None and not (not entry.fault and _is_junk(entry)):
                yield entry

    def read(self, entry: Entry, limit: int | None = None) -> bytes:
        """The entry's bytes.

        Raises:
            AutograderError: the entry must not be read, is damaged, or holds more than `limit` bytes (a notebook's
                MAX_BYTES if None) or more than is left of MAX_TOTAL_BYTES.
        """
        where = printable(entry.name)
        if entry.fault:
            raise AutograderError(entry.fault, where=where)
        limit = MAX_BYTES if limit is None else limit
        most = min(limit, self._room)
        try:
            with self._open(entry) as file:
                content = file.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error) as error:
            raise AutograderError(
                f"it is damaged ({printable(str(error))}).", where=where, remedy="Download the archive again."
            ) from error
        self._room -= min(len(content), most)
        if len(content) > most:
            which = f"it holds more than {limit / 2**20:g} MB" if most == limit else "the archive holds too much in all"
            raise AutograderError(f"{which}.", where=where, remedy="No honest notebook does: ask the student.")
        return content

    def _open(self, entry: Entry) -> zipfile.ZipExtFile | object:
        if self._zip is not None:
            return self._zip.open(entry.key)
        return os.fdopen(os.open(entry.key, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")


def _open(path: Path) -> zipfile.ZipFile:
    remedy = "Download it again, or pack it as zip."
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise UsageError(
            "there is no such file or folder.", where=str(path), remedy="Name the downloaded archive."
        ) from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, struct.error) as error:
        raise UsageError("this is no zip archive, or a damaged one.", where=str(path), remedy=remedy) from error
    except OSError as error:
        raise UsageError(f"it cannot be read ({error.strerror}).", where=str(path), remedy=remedy) from error


def _entry(info: zipfile.ZipInfo) -> Entry | None:
    if info.is_dir():
        return None
    name = info.filename
    if not info.flag_bits & UTF_8_NAME:
        # macOS and old platforms write UTF-8 and do not say so.
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    name = unicodedata.normalize("NFC", name).replace("\\", "/")
    try:
        time = datetime(*info.date_time)
    except ValueError:
        time = None
    return Entry(name, time if time != DOS_EPOCH else None, _fault(name, info), info)


def _fault(name: str, info: zipfile.ZipInfo) -> str:
    """Why an entry must not be read."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its name is an absolute path, which no platform writes; the entry is left out."
    if ".." in name.split("/"):
        return "its name leads out of the archive, which no platform writes; the entry is left out."
    if kind not in (0, stat.S_IFREG):
        return "it is a link or a device, not a file; the entry is left out."
    if info.flag_bits & ENCRYPTED:
        return "it is encrypted; ask the student to hand in again without a password."
    if info.compress_type not in METHODS:
        return "it is compressed in a way that no platform uses; ask the student to hand in the notebook itself."
    return ""


def _walk(top: Path) -> Iterator[Entry]:
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted([*files, *(one for one in folders if Path(folder, one).is_symlink())]):
            path = Path(folder, name)
            state = path.lstat()
            relative = unicodedata.normalize("NFC", path.relative_to(top).as_posix())
            fault = "" if stat.S_ISREG(state.st_mode) else "it is a link or a device, not a file; it is left out."
            yield Entry(relative, datetime.fromtimestamp(state.st_mtime), fault, path)


def _is_junk(entry: Entry) -> bool:
    """What operating systems and Jupyter leave behind."""
    return any(part.startswith(".") or part == "__MACOSX" for part in entry.parts)
