"""Which of the machine's paths are visible in the sandbox, and whether that exposes anything secret.

Only the parts that are needed to run Python are visible: not /usr but /usr/lib, not an environment but its `lib` and
`bin`. So a course in /usr/src/app, or in the folder that contains the environment, is not visible. If anything secret
would be visible all the same, `exposed` finds it, and nothing is graded.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from autograder.errors import SandboxUnavailable

PACKAGE = Path(__file__).resolve().parents[1]
# The files of this package that every process inside needs, whatever it runs.
OWN = (
    "errors.py",
    *(f"sandbox/{name}.py" for name in "isolation process server syscalls".split()),
    *(f"sandbox/wire/{name}.py" for name in "channel codec exceptions handles".split()),
    *(f"sandbox/wire/kinds/{name}.py" for name in "artists columns dataframes figures numpy_types".split()),
    *(f"sandbox/wire/kinds/{name}.py" for name in "registry sparse standard_types".split()),
    *(f"sandbox/wire/{name}.py" for name in "keras_allowed keras_config keras_models".split()),
)
_LIBRARIES = "bin sbin lib lib32 lib64 libx32".split()
_SHARED = "share/fontconfig share/fonts share/icu share/locale share/mime share/terminfo share/zoneinfo".split()
# An environment's `share` holds data of installed packages, such as the tables of a map projection.
_ENVIRONMENT = [*_LIBRARIES, "share", "etc/fonts", "pyvenv.cfg"]
_SETTINGS = ("/etc/ld.so.cache", "/etc/localtime")


@lru_cache(maxsize=1)
def system_paths() -> tuple[str, ...]:
    """Paths of system libraries, interpreter and installed packages, unresolved; some are links or do not exist."""
    paths = [f"/{name}" for name in _LIBRARIES]
    paths += [f"{root}/{name}" for root in ("/usr", "/usr/local") for name in [*_LIBRARIES, *_SHARED]]
    prefixes = {sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)}
    paths += [f"{root}/{name}" for root in sorted(prefixes - {"/", "/usr", "/usr/local"}) for name in _ENVIRONMENT]
    packages = {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}
    # An interpreter that is not in a `bin` folder is shown as a single file.
    single = {os.path.abspath(sys.executable), os.path.realpath(sys.executable)}
    paths += [path for path in sorted(packages | single) if not _below(path, paths)]
    return (*paths, *_SETTINGS)


def package_paths(shown: Iterable[str] = ()) -> list[Path]:
    """The parts of this project that are needed inside: files of this package, and `convlab` and `data/` for notebooks.

    Args:
        shown: files and folders relative to the package, in addition to the sandbox's `OWN`. The `__init__` files of
            their packages are included automatically.
    """
    if _below(str(PACKAGE), system_paths()):
        return []  # installed, so already visible with the other packages
    paths = [PACKAGE / name for name in (*OWN, *shown)]
    packages = sorted({folder for path in paths for folder in path.parents if folder.is_relative_to(PACKAGE)})
    faces = [face for folder in packages for face in sorted(folder.glob("__init__.py*"))]
    root = PACKAGE.parent
    return [*faces, *paths, root / "convlab", *([root / "data"] if (root / "data").is_dir() else [])]


def leads_to_what_is_shown(path: str) -> bool:
    """Whether a path is a link, such as /lib, that can be recreated inside since its target is visible.

    Any other link is replaced by its target.
    """
    # Each submission gets a /tmp of its own, in which only mounts are restored.
    return (
        os.path.islink(path)
        and not path.startswith("/tmp/")
        and _below(os.path.realpath(path), [shown for shown in system_paths() if not os.path.islink(shown)])
    )


def _below(path: str, others: Iterable[str]) -> bool:
    return any(path == other or path.startswith(f"{other}/") for other in others)


def exposed(secret: Iterable[str | Path] = ()) -> list[SandboxUnavailable]:
    """Everything secret that students' code could read, each as an error with its remedy.

    Args:
        secret: files and folders, such as a class directory. The home directory, the current directory, the directory
            for temporary files and this course's solutions are always secret.
    """
    shown = _really_shown()
    faults = []
    for path, remedy in _secrets(secret):
        holding = next((bound for bound in shown if _below(os.path.realpath(path), [bound])), None)
        if holding:
            what = f"students' code could read it, since the sandbox has to show {holding}."
            faults.append(SandboxUnavailable(what, where=str(path), remedy=remedy.format(holding)))
    return faults


@lru_cache(maxsize=1)
def _really_shown() -> list[str]:
    paths = [*system_paths(), *map(str, package_paths())]
    return sorted({os.path.realpath(path) for path in paths if os.path.exists(path)})


def _secrets(given: Iterable[str | Path]) -> Iterator[tuple[Path, str]]:
    for path in map(Path, given):
        yield from ((place, "Move it out of {}.") for place in (path, *_links(path)))
    yield PACKAGE.parent / "solutions", "Move the course out of {}."
    yield Path.home(), "Set HOME to a folder outside of {}."
    yield Path.cwd(), "Call this from a folder outside of {}."
    yield Path(tempfile.gettempdir()), "Set TMPDIR to a folder outside of {}."


def _links(folder: Path) -> list[Path]:
    """The links in a folder: a class may keep its `submitted/` elsewhere, behind a link."""
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.is_symlink()]
    except OSError:
        return []
