"""Every number that lesson 6's prose gives is computed again here; its sentence is looked up, so neither goes stale alone."""

import json

import numpy as np
import pytest

from autograder.course import Course, read_lesson, solved
from autograder.course.lessons import REPOSITORY
from autograder.course.variants import cell_of
from convlab import explorers
from convlab.data import CLASS_NAMES

SOURCE = read_lesson(Course(REPOSITORY).source("06_dropout"))
PROSE = " ".join(" ".join(cell.source.split()) for cell in SOURCE.cells if cell.cell_type == "markdown")
# Eight runs without dropout and eight with it, measured by data/measure_dropout.py.
RUNS = json.loads((REPOSITORY / "data" / "dropout.json").read_text(encoding="utf-8"))
PLAIN, DROPOUT = RUNS["plain"], RUNS["dropout"]


def mean(runs, key):
    return float(np.mean([run[key] for run in runs]))


def lowest(run):
    """The epoch of the lowest validation loss, from 1."""
    return int(np.argmin(run["validation_losses"])) + 1


def test_the_runs_are_those_of_the_lesson():
    assert len(PLAIN) == len(DROPOUT) == 8 and "so we made eight, from eight different starts" in PROSE
    assert {len(run["validation_losses"]) for run in PLAIN + DROPOUT} == {25} and "It practices 25 times" in PROSE


def test_the_beginning_says_what_eight_runs_without_dropout_did():
    assert (min(map(lowest, PLAIN)), max(map(lowest, PLAIN))) == (8, 18)
    assert all(run["validation_losses"][-1] > min(run["validation_losses"]) for run in PLAIN)
    assert "In all eight the validation loss turned, between epochs 8 and 18" in PROSE
    later = [run["validation_accuracies"][24] > run["validation_accuracies"][9] for run in PLAIN]
    assert sum(later) == 7 and "in seven of the eight it was even higher after epoch 25 than after epoch 10" in PROSE


@pytest.mark.parametrize(
    ("row", "key", "digits"),
    [
        ("right of the practiced pictures", "practiced_accuracy", "{:.1%}"),
        ("right of the validation pictures", "validation_accuracy", "{:.1%}"),
        ("loss on the validation pictures", "validation_loss", "{:.2f}"),
        ("test pictures, asked once: right", "test_accuracy", "{:.1%}"),
        ("test pictures, asked once: loss", "test_loss", "{:.2f}"),
    ],
)
def test_the_table_holds_the_means_of_the_runs(row, key, digits):
    without, with_it = (digits.format(mean(runs, key)).replace("%", " %") for runs in (PLAIN, DROPOUT))
    assert f"| {row} | {without} | {with_it} |" in PROSE


def test_the_gap_is_that_of_evaluate_and_the_history_flatters_dropout():
    gaps = [mean(runs, "practiced_accuracy") - mean(runs, "validation_accuracy") for runs in (PLAIN, DROPOUT)]
    assert "| gap | {:.3f} | {:.3f} |".format(*gaps) in PROSE
    history = mean(DROPOUT, "practicing_accuracy") - mean(DROPOUT, "validation_accuracy")
    assert history < gaps[1] - 0.02 and "That flatters dropout" in PROSE


def test_dropout_makes_the_loss_smaller_in_every_run_and_turns_it_late():
    pairs = list(zip(PLAIN, DROPOUT, strict=True))
    assert all(one["validation_loss"] > other["validation_loss"] for one, other in pairs)
    assert min(map(lowest, DROPOUT)) == 20
    assert "its loss is smaller in all eight runs, and turns only after epoch 20 or later" in PROSE
    assert abs(mean(PLAIN, "validation_accuracy") - mean(DROPOUT, "validation_accuracy")) < 0.001
    better = [other["validation_accuracy"] > one["validation_accuracy"] for one, other in pairs]
    assert 0 < sum(better) < 8
    assert "not more often right with dropout, though a single run, yours perhaps, may look like it" in PROSE


def test_the_plain_softmax_knows_wrong_answers_better_than_the_deviation():
    plain, deviation = ([run[key] for run in DROPOUT] for key in ("plain_auc", "deviation_auc"))
    shares = [round(100 * part(values)) for values in (plain, deviation) for part in (min, max)]
    assert shares == [83, 86, 79, 82]
    assert "doubts the wrong one more in 83 to 86 of 100, the deviation in 79 to 82" in PROSE
    assert all(one > other for one, other in zip(plain, deviation, strict=True))
    assert "The softmax is ahead in each of our eight runs" in PROSE


def test_the_deviation_does_not_notice_a_picture_that_shows_nothing():
    black, white = zip(*(run["blank"] for run in DROPOUT), strict=True)
    assert {CLASS_NAMES[one["class"]] for one in white} == {"Bag"} and min(one["mean"] for one in white) > 0.97
    assert max(one["deviation"] for one in black) < 0.031
    means = [round(part([one["mean"] for one in black]), 2) for part in (min, max)]
    assert means == [0.22, 0.27] and "a mere 0.22 to 0.27" in PROSE
    assert "the teams agree on a white one being a bag, and on a black one they hardly differ" in PROSE


def test_three_of_the_five_silent_neurons_speak_in_the_next_step():
    rng = np.random.default_rng(5)
    first, second = (rng.random(8) >= 0.5 for _ in range(2))
    assert int((~first).sum()) == 5 and "five neurons are silent in step 1" in PROSE
    assert int(second[~first].sum()) == 3 and "</summary> Three. Nothing is removed" in PROSE.replace("# ", "")
    assert any("np.random.default_rng(5), units=8, rate=0.5, steps=3" in cell.source for cell in SOURCE.cells)


def test_the_explorer_comes_close_to_36():
    explorer = explorers.dropout()
    assert sum(explorer.activations) == 36 and "the mean comes close to 36" in PROSE
    draws = np.frombuffer(explorer.random).reshape(-1, 12)
    heard = {rate: ((draws >= rate) * np.array(explorer.activations) / (1 - rate)).sum(axis=1) for rate in (0.5, 0.9)}
    assert abs(heard[0.5].mean() - 36) < 2 and heard[0.9].std() > 2 * heard[0.5].std()


def test_the_predictions_of_the_exercises_have_their_answers():
    names = {"np": np}
    exec(cell_of(solved(SOURCE), "expected_survivors").source, names)
    assert names["expected_survivors"](50, 0.1) == 45 and "50 neurons, a rate of 0.1" in PROSE
    assert 0.5**50 < 1e-15 and "$0.5^{50}$" in PROSE


@pytest.mark.slow
def test_a_run_without_and_one_with_dropout_do_again_what_was_kept(monkeypatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "data"))
    import measure_dropout

    for runs, rate in ((PLAIN, 0.0), (DROPOUT, 0.5)):
        again = measure_dropout.measured(0, rate)
        for key in ("practiced_accuracy", "validation_accuracy", "test_accuracy"):
            assert again[key] == pytest.approx(runs[0][key], abs=0.02)
        for key in ("validation_loss", "test_loss"):
            assert again[key] == pytest.approx(runs[0][key], abs=0.05)
