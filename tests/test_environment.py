"""What conda users, pip users and the lock file install is the same."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_environment_yml_lists_what_pyproject_asks_for():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert sorted(pip) == sorted(["-e .", *PROJECT["dependencies"], *PROJECT["optional-dependencies"]["autograder"]])
    python = PROJECT["requires-python"]
    assert f"python {python}" in environment["dependencies"]


def test_each_line_of_environment_yml_says_who_needs_it():
    lines = (ROOT / "environment.yml").read_text().splitlines()
    packages = [line for line in lines if line.startswith("      - ")]
    assert len(packages) > 5
    assert [line for line in packages if "# " not in line] == []


def test_lock_file_has_hashes_and_no_index_address():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock and "--index" not in lock and "--find-links" not in lock
    pinned = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", lock, flags=re.MULTILINE)
    blocks = re.split(r"(?m)^(?=[a-z0-9])", lock)[1:]
    assert len(blocks) == len(pinned) and all("--hash=sha256:" in block for block in blocks)
    wanted = PROJECT["dependencies"] + [p for extra in PROJECT["optional-dependencies"].values() for p in extra]
    assert {re.split(r"[\[<>=]", package)[0] for package in wanted} <= set(pinned)


def test_a_python_without_the_packages_names_the_one_that_has_them(tmp_path):
    shutil.copytree(ROOT / "autograder", tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__"))

    def said():
        # -S: the standard library alone.
        command = [sys.executable, "-S", "-m", "autograder", "check", "mine.ipynb"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        return done.stderr

    assert "does not have convlab's packages" in said() and "'make lab'" in said() and "Traceback" not in said()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    assert said().endswith("Run .venv/bin/python -m autograder check mine.ipynb\n")
