"""Which answers are unusually alike: planted copies are found, people who think alike are left in peace."""

import itertools

import pytest
from graded_class import invented

from autograder.course import Course, read_answers, read_lesson, solved
from autograder.course.variants import blank, cell_of, exercise_ids
from autograder.reports import similar_pairs
from autograder.reports.similarity import Answers, essence

STUB = 'def area(width, height):\n    """How large?"""\n    # YOUR CODE HERE\n    raise NotImplementedError'
OWN = '''
def area(width, height):
    """How large?"""
    total, sign = 0, 1
    if min(width, height) < 0:
        sign = -1
    for row in range(abs(height)):
        for column in range(abs(width)):
            total += sign if row >= 0 and column >= 0 else 0
    return total
'''
COPY = """
def area(w, h):
    # all my own work
    n, s = 0, 1

    if min(w, h) < 0: s = -1
    for i in range(abs(h)):
        for j in range(abs(w)):
            n += (s if i >= 0 and j >= 0 else 0)
    return n
"""


def others(count):
    import random

    chance = random.Random(2)
    return {f"s{number}": invented("area", chance) for number in range(count)}


def test_names_comments_layout_and_stub_make_no_difference():
    assert essence(OWN, STUB) == essence(COPY, STUB) != ()
    assert essence(STUB, STUB) == essence("", STUB) == ()
    assert "NotImplementedError" not in essence(STUB + "\n    return 1", STUB)


def test_attributes_and_other_peoples_names_make_a_difference():
    assert essence("x = np.sum(y)") != essence("x = np.max(y)")
    assert essence("x = y.sum(axis=0)") != essence("x = y.sum(axis=1)")


@pytest.mark.parametrize(
    "code", ["def f(:\n  pass", "x = 'never closed", "(" * 10_000 + ")" * 10_000, "\0", "x" * 10**6]
)
def test_what_is_no_python_is_compared_all_the_same(code):
    assert isinstance(essence(code, STUB), tuple)


def test_a_copy_with_other_names_is_found_and_nobody_else():
    (pair,) = similar_pairs([Answers("01", "area", others(20) | {"ann": OWN, "bob": COPY}, STUB)])
    assert pair.students == ("ann", "bob") and pair.score == pytest.approx(1.0)
    assert [(one.exercise, one.likeness) for one in pair.alike] == [("area", 1.0)]


def test_small_likenesses_of_many_exercises_add_up():
    text = {f"t{n}": f"def f(x):\n    return x * {n} + x ** {n} - {n}" for n in range(9)}
    short = text | {"ann": "def f(x):\n    return sum(x) or max(x)", "bob": "def f(y):\n    return sum(y) or max(y)"}
    one = Answers("01", "f", short)
    assert similar_pairs([one]) == []
    (pair,) = similar_pairs([Answers("01", f"f{n}", short) for n in range(5)])
    assert pair.students == ("ann", "bob") and len(pair.alike) == 5


@pytest.mark.parametrize("known", ["the solution", "many others'"])
def test_an_answer_that_is_not_their_own_means_nothing(known):
    if known == "the solution":
        answers = [Answers("01", "area", others(20) | {"ann": OWN, "bob": COPY}, STUB, (OWN,))]
    else:
        crowd = {f"c{number}": COPY for number in range(12)}
        answers = [Answers("01", "area", others(4) | crowd | {"ann": OWN}, STUB)]
    assert similar_pairs(answers) == []


def test_stubs_and_classes_of_two_are_never_alike():
    assert similar_pairs([Answers("01", "area", dict.fromkeys("abcdefgh", STUB), STUB)]) == []
    assert similar_pairs([Answers("01", "area", {"ann": OWN, "bob": COPY}, STUB)]) == []


def test_right_answers_that_were_written_independently_are_not_flagged():
    """Each style of the right answers of all lessons is one student's; nobody copied, nobody is suspected."""
    course, exercises = Course(), []
    for lesson in course.lessons:
        source = read_lesson(course.source(lesson))
        right, empty = solved(source), blank(source)
        styles = read_answers(course.source(lesson).with_name("right_answers.py"))
        for name in exercise_ids(source):
            codes = [cell_of(right, name).source, *(one.code for one in styles if one.exercise == name)]
            students = {f"s{number}": code for number, code in zip(itertools.count(), codes, strict=False)}
            exercises.append(Answers(lesson, name, students, cell_of(empty, name).source))
    assert len(exercises) > 40 and similar_pairs(exercises) == []
