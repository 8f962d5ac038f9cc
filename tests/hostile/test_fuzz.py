"""A sample of the mutants of fuzz.py; `make fuzz` runs 2,000 and keeps the figures."""

import random

import pytest
from fuzz import KINDS, Fuzz
from mutants import archives, texts
from toy import TOY, TOY_MISCONCEPTIONS
from uploads.stage import Driver, Stage, Templates

pytestmark = pytest.mark.usefixtures("sandbox")

SAMPLE = range(80)


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    driver = Driver(tmp_path_factory.mktemp("driver"))
    yield Templates(tmp_path_factory.mktemp("templates"), (TOY, TOY_MISCONCEPTIONS), driver)
    driver.close()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_sample_of_mutants_is_held(templates, tmp_path):
    fuzz = Fuzz(templates, tmp_path)
    fuzz.run(SAMPLE)
    found = fuzz.as_dict()
    assert found["failures"] == [] and found["mutants"] == len(SAMPLE)
    assert set(found["outcomes"]) == set(KINDS) and found["outcomes"]["notebook"]["graded"] >= 5


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_seed_brings_its_mutant_back(templates, tmp_path):
    fuzz = Fuzz(templates, tmp_path)
    stage = Stage(templates, tmp_path / "stage")
    for seed in range(40):
        assert fuzz.notebook(seed) == fuzz.notebook(seed)
        for mutant in (texts.yaml, texts.roster, texts.template, texts.of_mallory):
            assert mutant(random.Random(seed)) == mutant(random.Random(seed))
        first = archives.archive(random.Random(seed), stage)[1].read_bytes()
        assert archives.archive(random.Random(seed), stage)[1].read_bytes() == first


def test_a_mutant_that_is_not_held_is_found_in_its_batch(templates, tmp_path, monkeypatch):
    """The harness can fail: a notebook with more points than the lesson has simulates a broken grader."""
    fuzz = Fuzz(templates, tmp_path)
    seeds = [seed for seed in range(40) if KINDS[seed % len(KINDS)] == "notebook"][:8]
    check = Stage.check

    def broken(stage, score=0.0):
        assert not (stage.path / "submitted" / f"m{seeds[5]}").exists(), "it takes this notebook amiss"
        check(stage, score)

    monkeypatch.setattr(Stage, "check", broken)
    fuzz.run(seeds)
    assert [one["seed"] for one in fuzz.failures] == [seeds[5]]
    assert fuzz.outcomes["notebook"].total() == len(seeds)
