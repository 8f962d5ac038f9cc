"""Runs mutated notebooks, archives, metadata, rosters and templates through `import`, `grade` and `export`.

    python tests/hostile/fuzz.py 2000            mutants of seeds 0 to 1999; the figures go to build/fuzz.json
    python tests/hostile/fuzz.py --seed 1234     one of them again; the mutant itself goes to build/fuzz-1234

Each mutant is handed in between two honest students and must be as harmless as every upload (test_broken_uploads.py):
no batch stops, no command takes more than 10 s or 300 MB above its idle memory, and honest grades, pages and notebooks
are byte for byte those of a class without the mutant. Notebooks are graded many at a time, as a class is; a batch that
fails is halved until the mutant at fault is found.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
from mutants import archives, notebooks, texts
from rich.console import Console
from rich.table import Table
from toy import TOY, TOY_MISCONCEPTIONS
from uploads import templates
from uploads.packing import archive, named, without_ids
from uploads.stage import LESSON, MEGABYTE, Died, Driver, Stage, Templates

from autograder.course.lessons import REPOSITORY

KINDS = "notebook notebook archive notebook archive metadata notebook archive roster template".split()
BATCH = 50


def kind_of(seed):
    return KINDS[seed % len(KINDS)]


class Fuzz:
    """Runs mutants and collects the outcomes."""

    def __init__(self, templates, folder):
        self.templates, self.folder = templates, folder
        self.outcomes = {kind: Counter() for kind in dict.fromkeys(KINDS)}
        self.worst = {kind: {"memory": 0, "busy": 0.0, "seconds": 0.0} for kind in self.outcomes}
        self.failures = []
        right, wrong = Stage.solved(templates), Stage.blank(templates)
        self._bases = [json.loads(json.dumps(one)) for one in (right, right, wrong)]

    def run(self, seeds):
        waiting = {kind: [] for kind in self.outcomes}
        for seed in seeds:
            several = waiting[kind_of(seed)]
            several.append(seed)
            if len(several) == BATCH:
                self._batch(several)
                several.clear()
        for several in waiting.values():
            if several:
                self._batch(several)

    def notebook(self, seed):
        return notebooks.notebook(random.Random(seed), self._bases)

    def _batch(self, seeds):
        """Run mutants of one kind and grade the resulting submissions as one class, between two honest students."""
        kind = kind_of(seeds[0])
        try:
            outcomes = self._graded(kind, seeds)
        except (AssertionError, Died, OSError, ValueError, KeyError) as error:
            if len(seeds) == 1:
                self._failed(seeds[0], error)
                return
            for half in (seeds[: len(seeds) // 2], seeds[len(seeds) // 2 :]):
                self._batch(half)
            return
        self.outcomes[kind].update(outcomes)

    def _graded(self, kind, seeds):
        with self._stage(kind, open_class=True) as graded, self._stage(kind) as imported:
            outcomes = {}
            for seed in seeds:
                if kind == "notebook":
                    graded.hand_in(self.notebook(seed), f"m{seed}")
                    continue
                outcomes[seed] = getattr(self, f"_{kind}")(random.Random(seed), imported)
                own = imported.path / "submitted" / "mallory" / LESSON / f"{LESSON}.ipynb"
                if own.is_file():
                    graded.hand_in(own.read_bytes(), f"m{seed}")
                _forget(imported)
            there = {path.name for path in (graded.path / "submitted").iterdir()}
            graded.check(score=None)
            assert there <= set(graded.records)
            statuses = {seed: graded.records[f"m{seed}"]["status"] for seed in seeds if f"m{seed}" in there}
            return Counter(", ".join(filter(None, (outcomes.get(seed), statuses.get(seed)))) for seed in seeds)

    @contextmanager
    def _stage(self, kind, **options):
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        stage = Stage(self.templates, folder, **options)
        try:
            yield stage
        finally:
            for name, most in self.worst[kind].items():
                self.worst[kind][name] = max(most, getattr(stage.figures, name))
            shutil.rmtree(folder)

    def _failed(self, seed, error):
        kind = kind_of(seed)
        self.outcomes[kind]["not held"] += 1
        self.failures.append({"seed": seed, "kind": kind, "why": f"{type(error).__name__}: {error}"[-2000:]})
        print(f"seed {seed}, {kind}: {str(error)[-300:]}", file=sys.stderr)

    def _archive(self, chance, stage):
        platform, path, whole = archives.archive(chance, stage)
        return _imported(stage, path, "--platform", platform, refused=whole)

    def _metadata(self, chance, stage):
        own = named("gradescope", "mallory"), stage.blank()
        if chance.random() < 0.5:
            return _imported(stage, archive(stage, "gradescope", own, yml=texts.of_mallory(chance)))
        # Here the whole metadata file is mutated, so what it says counts.
        found = archive(stage, "gradescope", own, yml=texts.yaml(chance))
        return _imported(stage, found, refused=True, owners=False)

    def _roster(self, chance, stage):
        without_ids(stage)
        path = stage.folder / "given.csv"
        path.write_bytes(texts.roster(chance))
        found = archive(stage, "moodle", (named("moodle", "mallory"), stage.blank()))
        return _imported(stage, found, "--roster", path, refused=True, owners=False)

    def _template(self, chance, stage):
        form, content = texts.template(chance)
        path, out = stage.folder / "template.csv", stage.folder / "out.csv"
        path.write_bytes(content)
        out.unlink(missing_ok=True)
        ran = templates.run(stage, form, "--template", path, "-o", out)
        assert ran.code in (0, 1, 2) and (ran.code == 2) != out.exists(), ran.error
        return "refused" if ran.code == 2 else "exported"

    def as_dict(self):
        return {
            "mutants": sum(sum(counts.values()) for counts in self.outcomes.values()),
            "outcomes": self.outcomes,
            "worst": self.worst,
            "failures": self.failures,
        }


def _imported(stage, path, *options, refused=False, owners=True):
    """Import an archive; returns the outcome for the hostile student's submission."""
    stage.import_(path, *options, refused=refused, owners=owners)
    if stage.last.code == 2:
        return "refused as a whole"
    return "imported" if (stage.path / "submitted" / "mallory").is_dir() else "listed"


def _forget(stage):
    """Undo an import, so that mutants do not influence each other."""
    for student in (stage.path / "submitted").iterdir():
        shutil.rmtree(student)
    (stage.path / "imports.jsonl").unlink(missing_ok=True)


def show(found):
    table = Table("kind", "mutants", "what became of them", "worst memory", "worst time")
    for kind, counts in found["outcomes"].items():
        worst = found["worst"][kind]
        what = ", ".join(f"{count} {name}" for name, count in counts.most_common())
        table.add_row(
            kind, str(sum(counts.values())), what, f"{worst['memory'] / MEGABYTE:.0f} MB", f"{worst['busy']:.1f} s"
        )
    Console().print(table)
    print(f"{found['mutants']} mutants, {len(found['failures'])} not held")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="run this mutant alone")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "Duplicate name")
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    driver = Driver(folder)
    seeds = range(options.first, options.first + options.count) if options.seed is None else [options.seed]
    try:
        fuzz = Fuzz(Templates(folder, (TOY, TOY_MISCONCEPTIONS), driver), folder)
        build = REPOSITORY / "build"
        build.mkdir(exist_ok=True)
        if options.seed is not None and kind_of(options.seed) == "notebook":
            (build / f"fuzz-{options.seed}").write_bytes(fuzz.notebook(options.seed))
        fuzz.run(seeds)
    finally:
        driver.close()
        subprocess.run(["rm", "-rf", "--", folder], check=True)
    if options.seed is None:
        (build / "fuzz.json").write_text(json.dumps(fuzz.as_dict(), indent=1))
    show(fuzz.as_dict())
    return 1 if fuzz.failures else 0


if __name__ == "__main__":
    sys.exit(main())
