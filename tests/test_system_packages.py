"""`make demo` and `make test` see to what the system lacks: they install it where they may, else say what to type."""

import os
import subprocess
import sys

import pytest

from autograder.course.lessons import REPOSITORY

SCRIPT = REPOSITORY / "tools" / "system-packages.sh"
TOOLS = ("sh", "uname", "id", "tail", "rm", "mktemp", "grep", "env")


@pytest.fixture
def machine(tmp_path):
    """A PATH of its own: the shell's tools and what a test puts there. Returns a function that adds a program."""
    for name in TOOLS:
        place = next(folder for folder in ("/bin", "/usr/bin") if os.path.exists(f"{folder}/{name}"))
        (tmp_path / name).symlink_to(f"{place}/{name}")

    def add(name, script):
        (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    return add


def run(tmp_path, purpose="test", python=sys.executable):
    command = ["/bin/sh", str(SCRIPT), purpose, python]
    done = subprocess.run(
        command, env={"PATH": str(tmp_path)}, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "not found" not in done.stderr, done.stderr
    return done.stdout


def test_root_gets_what_is_missing_installed(machine, tmp_path):
    machine("id", "echo 0")
    machine("apt-get", f'echo "$@" >> {tmp_path}/asked')
    said = run(tmp_path)
    update, install = (tmp_path / "asked").read_text().splitlines()
    assert update.split()[0] == "update" and install.split()[0] == "install"
    assert {"bubblewrap", "chromium"} <= set(install.split()) and "bubblewrap" in said and "type" not in said


def test_sudo_without_a_password_will_do(machine, tmp_path):
    machine("id", "echo 1000")
    machine("sudo", f'[ "$1" = -n ] || exit 1; shift; echo "$@" >> {tmp_path}/asked')
    machine("apt-get", "exit 1")
    run(tmp_path)
    assert "apt-get install --no-install-recommends -y" in (tmp_path / "asked").read_text()


def test_who_may_not_install_is_told_one_line_to_type(machine, tmp_path):
    machine("id", "echo 1000")
    machine("sudo", "exit 1")
    machine("apt-get", f"touch {tmp_path}/asked")
    said = run(tmp_path)
    (line,) = (line for line in said.splitlines() if line.startswith("    "))
    assert line.strip().startswith("sudo apt-get update && sudo apt-get install") and "bubblewrap" in line
    assert not (tmp_path / "asked").exists()


def test_another_package_manager_is_named_what_is_missing(machine, tmp_path):
    machine("id", "echo 0")
    assert "bubblewrap" in run(tmp_path) and "package manager" in run(tmp_path)


def test_a_failed_installation_says_so_and_stops_nothing(machine, tmp_path):
    machine("id", "echo 0")
    machine("apt-get", "echo no such package >&2; exit 100")
    said = run(tmp_path)
    assert "could not be installed" in said and "apt-get update && apt-get install" in said


def test_the_demo_needs_less_than_the_tests(machine, tmp_path):
    machine("id", "echo 1000")
    machine("apt-get", "exit 1")
    said = run(tmp_path, "demo")
    assert "bubblewrap" in said and "chromium" not in said and "postgresql" not in said
    assert "bubblewrap" not in run(tmp_path, "environment")


def test_a_python_without_venv_gets_its_package(machine, tmp_path):
    machine("id", "echo 1000")
    machine("apt-get", "exit 1")
    # As Debian's: it knows its version, and no ensurepip.
    machine("python", f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"')
    version = f"python3.{sys.version_info[1]}-venv"
    assert version in run(tmp_path, "environment", str(tmp_path / "python"))
    machine("uv", "exit 0")
    assert run(tmp_path, "environment", str(tmp_path / "python")) == ""


def test_other_systems_are_left_alone(machine, tmp_path):
    machine("uname", "echo Darwin")
    assert run(tmp_path) == ""
