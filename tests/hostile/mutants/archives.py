"""Archives of all platforms in which what one student handed in is mutated, or the whole file is."""

import io
import stat
import struct
import zipfile

from mutants.notebooks import in_bytes
from uploads.packing import NOTEBOOK, entries, metadata, named

PLATFORMS = ("canvas", "moodle", "gradescope", "plain")
# fmt: off
PIECES = ["/", "\\", "..", ".", "_", "66", "11", "LATE", "assignsubmission_file_", ".ipynb", "\0", "\x1b[31m", "\u202e", "\n", "é", "e\u0301"]
PIECES += ["submission_metadata.yml", "submission_111", "ada", "lovelaceada_11_999_", "01_toy", " (1)", "-1", "__MACOSX/", "C:", "x" * 300]
HEADER = [b"\0\0", b"\xff\xff", b"\xff\xff\xff\xff", b"\x01\0", b"PK\x01\x02", b"PK\x05\x06", b"PK\x03\x04", b"\x63\0", b"\x2d\0"]
# fmt: on
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def archive(chance, stage):
    """Platform, path, and whether the whole file is mutated, so that a sentence about it may be all."""
    platform = chance.choice(PLATFORMS)
    own = [_entry(chance, stage, platform) for _ in range(chance.choice((1, 1, 2, 5, 30)))]
    found = entries(stage, platform, *own)
    if platform == "gradescope":
        found.insert(0, ("submission_metadata.yml", metadata()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in found:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0))
            file.writestr(info, stage.bytes_of(content), info.compress_type or zipfile.ZIP_DEFLATED)
    data = bytearray(buffer.getvalue())
    way = chance.random()
    if 0.3 < way < 0.75:
        _lie(chance, data, own)
    elif way >= 0.75:
        data = in_bytes(chance, bytes(data), HEADER)
    path = stage.folder / "archive.zip"
    path.write_bytes(data)
    return platform, path, way > 0.3


def _entry(chance, stage, platform):
    """A file of the hostile student: in its folder, with a mutated name and attributes."""
    head, tail = named(platform, "mallory", "@").split("@")[0], NOTEBOOK
    for _ in range(chance.choice((0, 0, 1, 3))):
        at = chance.randrange(len(tail) + 1)
        tail = tail[:at] + chance.choice(PIECES) * chance.choice((1, 1, 40)) + tail[at:]
    info = zipfile.ZipInfo("x", (chance.choice((1980, 2026, 2107)), 1, 1, 0, 0, 0))
    # As a platform packs it: the student chooses the file's name, but no platform lets the name leave the folder.
    info.filename = info.orig_filename = head + tail.replace("\0", "?" if chance.random() < 0.5 else "\0")
    info.compress_type = chance.choice(METHODS)
    if chance.random() < 0.2:
        kinds = (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFREG)
        info.create_system, info.external_attr = 3, chance.choice(kinds) << 16
    content = chance.choice(
        (stage.bytes_of(stage.blank()), b"", b" " * 2_000_000, b"PK\x05\x06" + bytes(18), b"%d" % chance.random())
    )
    return info, content


def _lie(chance, data, own):
    """Change fields of the two headers of one of the hostile student's entries."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            names = {info.filename for info, _ in own}
            info = chance.choice([one for one in file.infolist() if one.orig_filename in names])
    except (zipfile.BadZipFile, IndexError, NotImplementedError):
        return
    local, central = info.header_offset, data.find(b"PK\x01\x02")
    for _ in range(10_000):
        if central < 0 or struct.unpack_from("<I", data, central + 42)[0] == local:
            break
        central = data.find(b"PK\x01\x02", central + 4)
    for _ in range(chance.choice((1, 1, 2, 6))):
        start, length = chance.choice(((local, 30 + 20), (central, 46 + 20)))
        at = start + 4 + chance.randrange(length - 4)
        value = chance.choice((*HEADER, bytes([chance.randrange(256)])))
        if 0 <= at < len(data) - len(value):
            data[at : at + len(value)] = value
