"""Archives that are bombs, inconsistent or damaged: by one student's entries, or as whole files."""

import io
import os
import stat
import struct
import zipfile
import zlib

from nested import nest
from uploads.packing import NOTEBOOK, archive, entries, named, pack
from uploads.registry import upload
from uploads.stage import MEGABYTE


def _info(name, mode=None, **fields):
    info = zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    if mode is not None:
        info.create_system, info.external_attr = 3, mode << 16
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def _own(stage, platform="canvas", content=None):
    return named(platform, "mallory"), content if content is not None else stage.cheat("pass")


def _patched(path, change):
    """Edit a zip's bytes with `change`, which gets a bytearray and the offsets of the hostile entry's two headers."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        (info,) = (one for one in file.infolist() if "lorymal" in one.filename)
    central = data.rindex(info.orig_filename.encode()) - 46
    assert data[central : central + 4] == b"PK\x01\x02"
    change(data, info.header_offset, central)
    path.write_bytes(data)
    return path


def _lying(stage, change):
    """Import an archive in which the headers of one entry lie; the others are imported."""
    return stage.import_(_patched(archive(stage, "canvas", _own(stage)), change))


@upload
def bomb(stage):
    """A notebook of 600 MB of zeros in half a megabyte."""
    path = stage.folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in entries(stage, "canvas"):
            file.writestr(name, content)
        with file.open(named("canvas", "mallory"), "w", force_zip64=True) as entry:
            for _ in range(600):
                entry.write(bytes(MEGABYTE))
    found = stage.import_(path)
    assert found["mallory"]["status"] == "refused"


@upload
def nested_zip(stage):
    """A zip in place of the notebook, and one beside it."""
    inner = pack(stage, [("a.txt", "x" * MEGABYTE)], "inner.zip").read_bytes()
    stage.import_(archive(stage, "canvas", _own(stage, content=inner), (named("canvas", "mallory", "all.zip"), inner)))


@upload
def overlapping_entries(stage):
    """Entries of one student that share one body, so that a small archive unpacks to much data."""
    path = archive(stage, "canvas", _own(stage, content=" " * 30_000_000))

    def repeat(data, _local, central):
        end = data.rindex(b"PK\x05\x06")
        length = 46 + sum(struct.unpack_from("<HHH", data, central + 28))
        record = bytes(data[central : central + length])
        many = b"".join(record.replace(b"_900_", b"_%03d_" % n) for n in range(100, 300))
        count, size, start = struct.unpack_from("<HII", data, end + 10)
        struct.pack_into("<HHII", data, end + 8, count + 200, count + 200, size + len(many), start)
        data[end:end] = many

    stage.import_(_patched(path, repeat))


@upload
def wrong_checksum(stage):
    """A wrong checksum."""

    def change(data, local, central):
        for place in (local + 14, central + 16):
            struct.pack_into("<I", data, place, 0xDEADBEEF)

    found = _lying(stage, change)
    assert found["mallory"]["status"] == "refused"


@upload
def wrong_sizes(stage):
    """A stated size of four bytes, and one of four gigabytes."""
    for size in (4, 0xFFFFFFFE):

        def change(data, local, central, size=size):
            for place in (local + 22, central + 24):
                struct.pack_into("<I", data, place, size)

        _lying(stage, change)


@upload
def wrong_packed_size(stage):
    """A packed size that reaches beyond the file."""

    def change(data, local, central):
        for place in (local + 18, central + 20):
            struct.pack_into("<I", data, place, 0x7FFFFFFF)

    _lying(stage, change)


@upload
def sizes_of_64_bits(stage):
    """Sizes and offsets that point to a field which is not there."""
    for places in ((20, 24), (42,)):

        def change(data, _local, central, places=places):
            for place in places:
                struct.pack_into("<I", data, central + place, 0xFFFFFFFF)

        stage.import_(_patched(archive(stage, "canvas", _own(stage)), change), refused=True)


@upload
def offset_elsewhere(stage):
    """An entry whose header points to the body of another entry."""

    def change(data, _local, central):
        struct.pack_into("<I", data, central + 42, 0)

    _lying(stage, change)


@upload
def encrypted(stage):
    """An entry that is marked as encrypted."""

    def change(data, local, central):
        for place in (local + 6, central + 8):
            struct.pack_into("<H", data, place, struct.unpack_from("<H", data, place)[0] | 1)

    found = _lying(stage, change)
    assert all(one["status"] == "refused" for name, one in found.items() if "mal" in name)


@upload
def unknown_compression(stage):
    """Entries with compression methods of other programs: LZMA, AES, Deflate64, and the unknown 255."""
    for method in (9, 12, 14, 99, 255):

        def change(data, local, central, method=method):
            for place in (local + 8, central + 10):
                struct.pack_into("<H", data, place, method)

        _lying(stage, change)


@upload
def no_stream(stage):
    """Bytes that are not a compressed stream, with the sizes and the checksum of one."""

    def change(data, local, _central):
        start = local + 30 + sum(struct.unpack_from("<HH", data, local + 26))
        data[start : start + 64] = os.urandom(0) + b"\xff" * 64

    found = _lying(stage, change)
    assert found["mallory"]["status"] == "refused"


@upload
def links(stage):
    """Links to files of the instructor, and to another's notebook."""
    targets = (str(stage.templates.folder / "roster.csv"), "../ada/01_toy.ipynb", "/etc/passwd")
    own = [
        (_info(f"mallory/{n}/{NOTEBOOK}", stat.S_IFLNK | 0o777), target.encode()) for n, target in enumerate(targets)
    ]
    stage.import_(archive(stage, "plain", *own))


@upload
def devices(stage):
    """Entries that are devices, pipes and sockets by their mode."""
    kinds = (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFDIR)
    own = [(_info(f"mallory/{n}/{NOTEBOOK}", kind | 0o777), b"x") for n, kind in enumerate(kinds)]
    stage.import_(archive(stage, "plain", *own))


@upload
def absolute_paths(stage):
    """Names that are absolute paths, of Unix and of Windows."""
    names = (
        f"{stage.path}/source/01_toy/{NOTEBOOK}",
        f"C:\\x\\{NOTEBOOK}",
        f"//server/share/{NOTEBOOK}",
        f"D:{NOTEBOOK}",
    )
    stage.import_(archive(stage, "plain", *((name, stage.cheat("pass")) for name in names)))


@upload
def paths_that_climb(stage):
    """Names that lead out of the archive, or through another's folder."""
    names = ("../../source/01_toy/{}", "mallory/../ada/{}", "mallory\\..\\..\\ada\\{}", "mallory/./../zoe/./{}", "..{}")
    stage.import_(archive(stage, "plain", *((name.format(NOTEBOOK), stage.cheat("pass")) for name in names)))


@upload
def many_entries(stage):
    """60,000 files of one student, which lost the whole class's import."""
    own = [(named("canvas", "mallory", f"{n}.txt"), b"") for n in range(60_000)]
    found = stage.import_(archive(stage, "canvas", _own(stage), *own))
    assert found["ada"]["status"] == found["zoe"]["status"] == "imported"


@upload
def long_names(stage):
    """A name of 60 KB, and a path of 10,000 folders."""
    names = ("x" * 60_000 + ".ipynb", "a/" * 10_000 + NOTEBOOK, "-1" * 20_000 + ".ipynb", "_1_" * 15_000 + NOTEBOOK)
    stage.import_(archive(stage, "plain", *((f"mallory/{name}", stage.cheat("pass")) for name in names)))
    stage.hand_in_honest()


@upload
def names_that_differ_by_case(stage):
    """Names that are one file on macOS and Windows."""
    names = (NOTEBOOK, NOTEBOOK.upper(), NOTEBOOK.capitalize(), "01_TOY.ipynb")
    stage.import_(archive(stage, "plain", *((f"mallory/{name}", stage.cheat(name)) for name in names)))


@upload
def many_of_equal_rank(stage):
    """60 different notebooks of 25 MB each and of equal rank, none of which is the latest."""
    path = stage.folder / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in entries(stage, "plain"):
            file.writestr(name, content)
        for number in range(60):
            file.writestr(f"mallory/{number}/{NOTEBOOK}", b"%d" % number + b" " * 25 * MEGABYTE)
    found = stage.import_(path)
    assert found["mallory"]["status"] == "refused"


@upload
def file_and_folder(stage):
    """A name that is both a file and a folder."""
    own = [(f"mallory/{NOTEBOOK}", stage.cheat("1")), (f"mallory/{NOTEBOOK}/{NOTEBOOK}", stage.cheat("2"))]
    stage.import_(archive(stage, "plain", *own, ("mallory", stage.cheat("3"))))


@upload
def same_name_twice(stage):
    """Two entries of one name with different contents, and a third of another student's name."""
    own = [_own(stage, content=stage.cheat("1")), _own(stage, content=stage.cheat("2"))]
    stage.import_(archive(stage, "canvas", *own))


@upload
def names_in_no_encoding(stage):
    """Names that are marked as UTF-8 but are not, and names with a zero byte."""

    def change(data, local, central):
        for place in (local + 30, central + 46):
            data[place : place + 7] = b"\xff\xfel\x00ry\xc3"

    stage.import_(_patched(archive(stage, "canvas", _own(stage)), change), refused=True)


@upload
def truncated(stage):
    """An archive whose download was cut off, at several places."""
    path = archive(stage, "canvas", _own(stage))
    content = path.read_bytes()
    for part in (0.3, 0.9, 0.999):
        path.write_bytes(content[: int(len(content) * part)])
        stage.import_(path, refused=True)
        _empty(stage)


def _empty(stage):
    """Remove what was imported, or handed in by hand in its place."""
    for student in ("ada", "zoe", "mallory"):
        for path in sorted((stage.path / "submitted" / student).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        if (stage.path / "submitted" / student).is_dir():
            (stage.path / "submitted" / student).rmdir()


@upload
def garbage_around(stage):
    """Something before the archive, and a comment behind it that looks like another archive's end."""
    path = archive(stage, "canvas", _own(stage))
    other = pack(stage, [("lovelaceada_11_999_01_toy.ipynb", stage.cheat("x"))], "other.zip").read_bytes()
    content = path.read_bytes()
    path.write_bytes(b"#!/bin/sh\nexit 1\n" + content[:-2] + struct.pack("<H", len(other)) + other)
    stage.may_have["ada"] = None  # It is the other archive, and who may say which is meant?
    stage.import_(path, refused=True)


@upload
def no_archive(stage):
    """An empty file, an empty archive, and files of other kinds."""
    empty = pack(stage, [], "empty.zip").read_bytes()
    for content in (
        b"",
        empty,
        b"\x1f\x8b" + zlib.compress(b"x"),
        b"Rar!\x1a\x07",
        b"%PDF-1.7",
        b"PK\x05\x06",
        bytes(4096),
    ):
        path = stage.folder / "archive.zip"
        path.write_bytes(content)
        stage.import_(path, refused=True)
        _empty(stage)


@upload
def wrong_count(stage):
    """An end record that promises 65,535 entries, and one whose directory starts elsewhere."""
    for where, value in ((10, 0xFFFF), (16, 0x7FFFFFFF), (12, 0x7FFFFFFF)):
        path = archive(stage, "canvas", _own(stage))
        data = bytearray(path.read_bytes())
        end = data.rindex(b"PK\x05\x06")
        struct.pack_into("<H" if where == 10 else "<I", data, end + where, value)
        path.write_bytes(data)
        stage.import_(path, refused=True)
        _empty(stage)


@upload
def unpacked_with_pipes(stage):
    """A folder instead of a zip, which contains a pipe, a link to a file and a link to a folder."""
    top = stage.folder / "unpacked"
    for student, content in stage.templates.honest.items():
        (top / student).mkdir(parents=True)
        (top / student / NOTEBOOK).write_bytes(content)
    (top / "mallory").mkdir()
    os.mkfifo(top / "mallory" / NOTEBOOK)
    (top / "mallory" / "other.ipynb").symlink_to(top / "ada" / NOTEBOOK)
    (top / "mallory" / "up").symlink_to(top)
    stage.import_(top)


@upload
def unpacked_and_deep(stage):
    """A folder instead of a zip, with 1,300 nested folders in it."""
    top = stage.folder / "unpacked"
    for student, content in stage.templates.honest.items():
        (top / student).mkdir(parents=True)
        (top / student / NOTEBOOK).write_bytes(content)
    (top / "mallory").mkdir()
    (top / "mallory" / NOTEBOOK).write_bytes(stage.bytes_of(stage.cheat("pass")))
    nest(top / "mallory", 1300)
    stage.import_(top)
