"""Each change that we make to nbgrader is still needed: without it, nbgrader as installed does what the change is there for."""

import inspect
import os
import subprocess
import sys
import textwrap

import pytest
from nbgrader import api
from nbgrader.api import Gradebook
from sqlalchemy import text

from autograder.gradebook import gradebook_errors, held_gradebook, install

pytestmark = pytest.mark.slow  # most tests start a Python without the installation


def untouched(program, folder, **environment):
    """What a program prints in a process in which nothing was installed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_changes_nothing(tmp_path):
    program = """
        import os, warnings
        import dask
        from nbgrader import api
        from nbgrader.api import Gradebook
        from nbgrader.converters import base
        from nbgrader.coursedir import CourseDirectory
        from sqlalchemy.exc import SAWarning
        import multiprocessing, subprocess

        def world():
            return (
                Gradebook.__init__, Gradebook.close, api.create_engine, base.find_all_files, CourseDirectory.get_existing_timestamp,
                os.environ["PATH"], [one for one in warnings.filters if one[2] is SAWarning], multiprocessing.Process, subprocess.Popen, dict(dask.config.config),
            )

        import distributed
        before = world()
        import pkgutil, importlib, autograder
        for module in pkgutil.walk_packages(autograder.__path__, "autograder."):
            if "keras" not in module.name and module.name != "autograder.__main__":
                importlib.import_module(module.name)
        after = world()
        print([one == other for one, other in zip(before, after)].count(False))
    """
    assert untouched(program, tmp_path) == "0"


def test_a_gradebook_needs_the_installation(tmp_path):
    program = """
        from autograder.gradebook import held_gradebook
        try:
            with held_gradebook("sqlite:///gradebook.db"):
                print("opened")
        except RuntimeError as error:
            print(error)
    """
    assert untouched(program, tmp_path) == "call autograder.gradebook.install() before a gradebook is opened."


def test_installing_twice_changes_nothing_more():
    install()
    first = Gradebook.__init__, Gradebook.close, api.create_engine
    install()
    assert (Gradebook.__init__, Gradebook.close, api.create_engine) == first


def test_nbgrader_calls_alembic_by_its_bare_name(tmp_path):
    program = """
        from nbgrader.api import Gradebook
        try:
            Gradebook("sqlite:///gradebook.db")
        except FileNotFoundError as error:
            print(error.filename)
    """
    assert untouched(program, tmp_path, PATH="/nowhere") == "alembic"


def test_a_new_gradebook_names_the_same_version_without_another_process(tmp_path, monkeypatch):
    install()
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    theirs = untouched("from nbgrader import api; print(api.get_alembic_version())", tmp_path, PATH=path)
    monkeypatch.setattr(subprocess, "Popen", lambda *arguments, **options: pytest.fail("a process was started"))
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        (row,) = gradebook.db.execute(text("SELECT version_num FROM alembic_version"))
    assert list(row) == [theirs]


def test_a_gradebook_is_made_where_the_environment_is_not_on_path(tmp_path):
    program = """
        from autograder.gradebook import install
        install()
        from nbgrader.api import Gradebook
        with Gradebook("sqlite:///gradebook.db") as gradebook:
            print(gradebook.students)
    """
    assert untouched(program, tmp_path, PATH="/usr/bin:/bin") == "[]"


def test_nbgrader_makes_an_engine_each_time(tmp_path):
    program = """
        from nbgrader.api import Gradebook
        engines = set()
        for _ in range(3):
            gradebook = Gradebook("sqlite:///gradebook.db")
            engines.add(id(gradebook.engine))
            kept = globals().setdefault("kept", [])
            kept.append(gradebook)
        print(len(engines))
    """
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    assert untouched(program, tmp_path, PATH=path) == "3"


def test_gradebooks_share_an_engine(tmp_path):
    address = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(address) as one, Gradebook(address) as other:
        assert one.engine is other.engine


def test_nbgrader_commits_each_step(tmp_path):
    """So that a crash would leave half of a submission in the books, were the gradebook not held."""
    assert inspect.getsource(api.Gradebook).count("self.db.commit()") > 10
    address = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with pytest.raises(KeyboardInterrupt), held_gradebook(address), Gradebook(address) as inner:
        inner.add_student("ada")
        raise KeyboardInterrupt
    with gradebook_errors(address), Gradebook(address) as gradebook:
        assert gradebook.students == []


def test_sqlalchemy_warns_of_nbgrader(tmp_path):
    program = """
        import warnings
        warnings.simplefilter("error")
        import sqlalchemy
        from nbgrader.api import Gradebook
        try:
            with Gradebook("sqlite:///gradebook.db") as gradebook:
                gradebook.add_assignment("one")
                gradebook.add_student("ada")
                gradebook.add_submission("one", "ada")
                gradebook.average_assignment_score("one")
        except sqlalchemy.exc.SAWarning:
            print("warned")
    """
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    assert untouched(program, tmp_path, PATH=path) == "warned"


def test_nbgrader_follows_links_out_of_a_submission(tmp_path):
    program = """
        import os
        from nbgrader.converters import base
        os.makedirs("secret"); open("secret/key.txt", "w").close()
        os.makedirs("handed_in"); os.symlink("../secret", "handed_in/link")
        os.symlink("../secret/key.txt", "handed_in/file")
        print(sorted(os.path.relpath(path) for path in base.find_all_files("handed_in")))
        from autograder.gradebook import install
        install()
        print(base.find_all_files("handed_in"))
    """
    theirs, ours = untouched(program, tmp_path).splitlines()
    assert "handed_in/file" in theirs and ours == "[]"


def test_nbgrader_gives_up_over_a_time_that_is_none(tmp_path):
    program = """
        from nbgrader.coursedir import CourseDirectory
        open("timestamp.txt", "w").write("half past nine")
        course = CourseDirectory(root=".")
        try:
            course.get_existing_timestamp(".")
        except Exception as error:
            print(type(error).__name__)
        from autograder.gradebook import install
        install()
        print(course.get_existing_timestamp("."))
    """
    assert untouched(program, tmp_path).splitlines() == ["AttributeError", "None"]
