"""Print the figures of the uploads, by class, from build/uploads.json."""

import json
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

MEGABYTE = 2**20


def main():
    rows = json.loads((Path(__file__).parents[3] / "build" / "uploads.json").read_text())
    table = Table("class", "uploads", "held", "honest as ever", "ends", "memory", "child", "busy", "time", "size")
    for kind in dict.fromkeys(row["kind"] for row in rows):
        mine = [row for row in rows if row["kind"] == kind]
        ends = Counter(end for row in mine for end in row["ends"])
        most = {name: max(row[name] for row in mine) for name in ("memory", "child_memory", "busy", "seconds", "size")}
        table.add_row(
            kind,
            str(len(mine)),
            str(sum(row["held"] for row in mine)),
            str(sum(row["honest"] for row in mine)),
            ", ".join(f"{count}x {end}" for end, count in sorted(ends.items())),
            *(f"{most[name] / MEGABYTE:.0f} MB" for name in ("memory", "child_memory")),
            *(f"{most[name]:.1f} s" for name in ("busy", "seconds")),
            f"{most['size'] / MEGABYTE:.1f} MB",
        )
    Console(width=160).print(table)
    failed = [f"{row['kind']}: {row['name']}" for row in rows if not row["held"]]
    print(f"{len(rows)} uploads, {len(failed)} not held", *failed, sep="\n")


if __name__ == "__main__":
    main()
