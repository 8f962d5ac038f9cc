"""Files that only other programs read, or that say something about others: they stay valid, and they agree."""

import re
import shlex
import subprocess
import sys
import tomllib

import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from autograder.course.lessons import REPOSITORY as ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SCHEMAS = {
    "vendor.github-workflows": ".github/workflows/*.yml",
    "custom.github-workflows-require-timeout": ".github/workflows/*.yml",
    "vendor.github-issue-forms": ".github/ISSUE_TEMPLATE/[!c]*.yml",
    "vendor.github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "vendor.citation-file-format": "CITATION.cff",
}


def loaded(path):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_follow_their_schema(schema):
    paths = [str(path) for path in ROOT.glob(SCHEMAS[schema])]
    done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *paths])
    assert paths and done.exit_code == 0, done.output


def test_the_version_is_the_same_wherever_it_stands():
    version = PROJECT["project"]["version"]
    releases = re.findall(r"(?m)^## \[([^\]]+)\] - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    cited = loaded("CITATION.cff")
    assert releases[0] == (version, cited["date-released"].isoformat()) and cited["version"] == version


def test_the_workflow_checks_every_python_that_the_package_allows():
    jobs = loaded(".github/workflows/check.yml")["jobs"]
    lowest, beyond = map(int, re.findall(r"3\.(\d+)", PROJECT["project"]["requires-python"]))
    tried = jobs["check"]["strategy"]["matrix"]["python"]
    assert tried == [f"3.{minor}" for minor in range(lowest, beyond)]
    commands = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()}
    assert commands["check"] == ["make check"] and commands["everything"][-1] == ".ci/run"


def test_hooks_before_a_commit_run_what_the_environment_has_and_download_nothing():
    repositories = loaded(".pre-commit-config.yaml")["repos"]
    assert [one["repo"] for one in repositories] == ["local"]
    tools = {re.match(r"[\w-]+", need)[0] for need in PROJECT["project"]["optional-dependencies"]["test"]}
    for hook in repositories[0]["hooks"]:
        program, *arguments = shlex.split(hook["entry"])
        folder, _, name = program.rpartition("/")
        assert (hook["language"], folder) == ("system", ".venv/bin") and name in tools | {"python"}
        assert all((ROOT / argument).exists() for argument in arguments if argument.endswith(".py"))
        re.compile(hook.get("files", ""))


def collected(expression):
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-m", expression]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {line for line in done.stdout.splitlines() if "::" in line}


@pytest.mark.slow
def test_make_check_leaves_out_slow_tests_only():
    # Written otherwise, the same selection imports every file, those with slow tests alone, too.
    assert collected("not slow") == collected("not (slow)") != set()


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md"])
def test_files_and_folders_that_contributors_are_led_to_exist(page):
    text = re.sub(r"(?s)```.*?```", "", (ROOT / page).read_text(encoding="utf-8"))
    told = {name for name in re.findall(r"`([\w./]+)`", text) if "/" in name or name.endswith(".py")}
    beside_lessons = {path.name for path in (ROOT / "solutions").rglob("*.py")}
    placeholders = {name for name in told if re.search(r"NN_|kind_what|test_x", name)}
    assert len(told) > len(placeholders)
    missing = {name for name in told - placeholders if not (ROOT / name).exists() and name not in beside_lessons}
    assert missing == set()
