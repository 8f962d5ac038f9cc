"""Computes the figures of a class report from its results, without reading or writing files."""

from __future__ import annotations

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.notebooks.status import Mode
from autograder.reports.results import ClassResults, Exercise, LessonResults, Result
from autograder.reports.similarity import Answers

BINS = 10
FEWEST = 3  # submissions needed for a correlation
MAX_SENTENCE = 240
NOT_WRITTEN = "It is not written yet"  # in the checks' message about a stub
ANOTHER_VALUE = "It returned another value than expected."
HARD, BLUNT = 0.5, 0.2  # an exercise with a lower share of full marks or a lower discrimination deserves a look
TO_LOOK_AT = 8


@dataclass(frozen=True)
class ExerciseFigures:
    """The figures of an exercise.

    `mean` and `full` are shares of 1, None if undefined or while answers wait for points; `judged` is the mode of the test
    in any of the submissions, if it was not judged apart in all of them.
    """

    lesson: str
    name: str
    max_score: float
    by_hand: bool
    decided: int
    mean: float | None
    full: float | None
    discrimination: float | None
    not_attempted: int
    waiting: int
    judged: str = ""


@dataclass(frozen=True)
class Misconception:
    """A recognized misconception: it was found in `count` of the `of` answers that were attempted."""

    lesson: str
    exercise: str
    name: str
    help: str
    count: int
    of: int


@dataclass(frozen=True)
class Failure:
    """A message, and how many answers got it or one that differs only in numbers."""

    lesson: str
    exercise: str
    message: str
    count: int


@dataclass(frozen=True)
class Distribution:
    """A histogram of shares of points in ten equal classes, the last of which includes 100%; `full` counts those of 100%."""

    counts: list[int]
    median: float | None
    full: int

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class LessonFigures:
    lesson: str
    title: str
    submitted: int
    missing: list[str]
    statuses: dict[str, list[str]]
    scores: Distribution
    exercises: list[ExerciseFigures]
    misconceptions: list[Misconception]
    failures: list[Failure]
    waiting_points: float
    waiting_answers: int
    late: list[tuple[str, float]]
    late_known: int
    penalty: float
    running: list[float]

    @property
    def running_median(self) -> float | None:
        return statistics.median(self.running) if self.running else None


def lesson_figures(lesson: LessonResults, students: list[str]) -> LessonFigures:
    """Compute all figures of a lesson. Unreadable submissions count only in `submitted`, `statuses` and lateness."""
    readable = [result for result in lesson.results if result.readable]
    there = {result.student for result in lesson.results}
    statuses: dict[str, list[str]] = defaultdict(list)
    for result in lesson.results:
        statuses[result.status].append(result.student)
    waiting = [
        exercise.max_score
        for exercise in lesson.exercises
        for result in readable
        if exercise.key in result.outcomes and result.outcomes[exercise.key].waiting
    ]
    late = [(result.student, result.late) for result in lesson.results if result.late]
    return LessonFigures(
        lesson.lesson,
        lesson.title,
        len(lesson.results),
        [student for student in students if student not in there],
        dict(statuses),
        distribution(share_of_points([result], {lesson.lesson: settled(lesson)}) for result in readable),
        [_exercise(lesson, exercise, readable) for exercise in lesson.exercises],
        _misconceptions(lesson, readable),
        _failures(lesson, readable),
        sum(waiting),
        len(waiting),
        sorted(late, key=lambda one: (-one[1], one[0])),
        sum(result.late is not None for result in lesson.results),
        sum(result.penalty for result in lesson.results),
        [result.running for result in readable if result.running is not None],
    )


def settled(lesson: LessonResults) -> list[Exercise]:
    """The exercises with no answer that waits for points; others are biased, since blank answers get points first."""
    return [
        exercise
        for exercise in lesson.exercises
        if all(
            result.outcomes[exercise.key].score is not None
            for result in lesson.results
            if result.readable and exercise.key in result.outcomes
        )
    ]


def share_of_points(results: list[Result], exercises: dict[str, list[Exercise]]) -> float | None:
    """The points earned, divided by the points possible in the given exercises; None if none are possible."""
    points = highest = 0.0
    for result in results:
        for exercise in exercises[result.lesson]:
            outcome = result.outcomes.get(exercise.key)
            if outcome is not None and outcome.score is not None:
                points += outcome.score
                highest += exercise.max_score
    return points / highest if highest else None


def distribution(shares: Iterable[float | None]) -> Distribution:
    known = [share for share in shares if share is not None]
    counts = [0] * BINS
    for share in known:
        # Extra credit can raise a share above 1; rounding keeps a share such as 0.3 from falling into the class below.
        counts[max(0, min(int(round(share * BINS, 9)), BINS - 1))] += 1
    return Distribution(counts, statistics.median(known) if known else None, sum(share >= 1 for share in known))


def class_distribution(found: ClassResults) -> Distribution:
    """The distribution of each student's share of the points of all lessons that they handed in."""
    exercises = {lesson.lesson: settled(lesson) for lesson in found.lessons}
    by_student: dict[str, list[Result]] = defaultdict(list)
    for lesson in found.lessons:
        for result in lesson.results:
            if result.readable:
                by_student[result.student].append(result)
    return distribution(share_of_points(results, exercises) for results in by_student.values())


def _exercise(lesson: LessonResults, exercise: Exercise, results: list[Result]) -> ExerciseFigures:
    outcomes = [result.outcomes[exercise.key] for result in results if exercise.key in result.outcomes]
    scores = [outcome.score for outcome in outcomes if outcome.score is not None]
    possible = exercise.max_score > 0 and bool(scores) and len(scores) == len(outcomes)
    return ExerciseFigures(
        lesson.lesson,
        exercise.name,
        exercise.max_score,
        exercise.by_hand,
        len(scores),
        statistics.fmean(scores) / exercise.max_score if possible else None,
        sum(score >= exercise.max_score for score in scores) / len(scores) if possible else None,
        discrimination(exercise.key, [_scores(result) for result in results]) if possible else None,
        sum(outcome.attempted is False for outcome in outcomes),
        sum(outcome.waiting for outcome in outcomes),
        next((outcome.judged for outcome in outcomes if outcome.judged != Mode.APART), ""),
    )


def _scores(result: Result) -> dict[str, float]:
    return {cell: outcome.score for cell, outcome in result.outcomes.items() if outcome.score is not None}


def discrimination(cell: str, table: list[dict[str, float]]) -> float | None:
    """Corrected item-total correlation: the points of one exercise against the points of the rest of the lesson.

    Args:
        cell: the exercise.
        table: for each submission, its points by exercise. The rest consists of the exercises that have points in all
            submissions, so that it is comparable.

    Returns:
        Pearson's r; None for fewer than three submissions, or if all have the same points or the same rest.
    """
    everywhere = set.intersection(*map(set, table)) - {cell} if table else set()
    rows = [(row[cell], sum(row[other] for other in sorted(everywhere))) for row in table if cell in row]
    # Rounded, because equal sums may differ in their last digit, and rounding errors must not be correlated.
    own, rest = [round(row[0], 9) for row in rows], [round(row[1], 9) for row in rows]
    if len(rows) < FEWEST or len(set(own)) < 2 or len(set(rest)) < 2:
        return None
    return statistics.correlation(own, rest)


def _misconceptions(lesson: LessonResults, results: list[Result]) -> list[Misconception]:
    found = []
    for exercise in lesson.exercises:
        outcomes = [result.outcomes[exercise.key] for result in results if exercise.key in result.outcomes]
        attempted = sum(outcome.attempted is not False for outcome in outcomes)
        for help_, count in Counter(outcome.help for outcome in outcomes if outcome.help).items():
            found.append(Misconception(lesson.lesson, exercise.name, exercise.help[help_], help_, count, attempted))
    return sorted(found, key=lambda one: (-one.count, one.exercise, one.name))


def _failures(lesson: LessonResults, results: list[Result]) -> list[Failure]:
    """Why tests failed, other than misconceptions and stubs, which are counted as not attempted."""
    found = []
    for exercise in lesson.exercises:
        groups: dict[str, Counter[str]] = defaultdict(Counter)
        for result in results:
            outcome = result.outcomes.get(exercise.key)
            if outcome and outcome.message and not outcome.help and NOT_WRITTEN not in outcome.message:
                sentence = fault(outcome.message)
                groups[re.sub(r"\d+(\.\d*)?", "#", sentence)][sentence] += 1
        for sentences in groups.values():
            example = min(sentences, key=lambda sentence: (-sentences[sentence], sentence))
            found.append(Failure(lesson.lesson, exercise.name, example, sentences.total()))
    return sorted(found, key=lambda one: (-one.count, one.exercise, one.message))


def fault(message: str) -> str:
    """The part of a check's message that says what is wrong, without call, arguments, values and hint."""
    first, *lines = message.strip().splitlines()
    if not first.endswith("is not right yet."):
        return _short(first)
    # Arguments and values are lines 'name = ...' that may continue in lines with more indentation.
    said = [
        line.strip() for line in lines if re.match(r"  \S", line) and not re.match(r"  [\w ]+(\[[\d:, ]+\])? *= ", line)
    ]
    return _short(" ".join(line for line in said if not line.startswith("Hint: ")) or ANOTHER_VALUE)


def _short(text: str) -> str:
    return text if len(text) <= MAX_SENTENCE else text[: MAX_SENTENCE - 1] + "…"


def to_look_at(exercises: Iterable[ExerciseFigures]) -> list[ExerciseFigures]:
    """Exercises that few solved or that do not distinguish strong submissions from weak ones, hardest first."""
    striking = [
        one
        for one in exercises
        if one.full is not None and (one.full < HARD or (one.discrimination is not None and one.discrimination < BLUNT))
    ]
    return sorted(striking, key=lambda one: (one.full, one.lesson, one.name))[:TO_LOOK_AT]


def answers(found: ClassResults) -> list[Answers]:
    """The answers to compare for similarity: the code of each exercise."""
    return [
        Answers(
            lesson.lesson,
            exercise.name,
            {
                result.student: result.outcomes[exercise.key].answer
                for result in lesson.results
                if result.readable and exercise.key in result.outcomes
            },
            exercise.stub,
            exercise.known,
        )
        for lesson in found.lessons
        for exercise in lesson.exercises
        if exercise.solutions and not exercise.by_hand
    ]
