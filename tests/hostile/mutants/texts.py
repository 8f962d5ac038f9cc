"""Gradescope's metadata, rosters and templates that are mutated, letter by letter and line by line."""

from mutants.notebooks import in_bytes
from uploads import rosters, templates
from uploads.packing import metadata, person

# fmt: off
YAML = [b"&a ", b"*a", b"<<: *a\n", b"!!float ", b"!ruby/object:X ", b"[", b"{", b"]", b"}", b": ", b"- ", b"\t", b"? ", b"|\n", b">-\n", b"'", b'"']
YAML += [b"\0", b"\xff", b"---\n", b"...\n", b"%YAML 9.9\n", b"1:59:59", b"0o7", b".nan", b"~", b"9999-12-31", b"\n", b"  ", b"#", b"@", b"`", b"\xc2\x85"]
CSV = [b",", b";", b"\t", b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"=1+1", b"@x", b"EX", b"\x1b[31m", b"\xe2\x80\xae", b"ada", b"../x", b"11", b"id"]
WORDS = ["x", "ada", "jan@example.org", "*a", "&a", "!!x", "<<", "~", "\x1b[31m", "\u202e", "1:59", "'", '"', "\n", "[", "{", "\0", "é"]
# fmt: on


def of_mallory(chance):
    """Metadata in which everything that one student can choose is mutated, and the other students' is intact."""

    def word():
        return "".join(chance.choice(WORDS) for _ in range(chance.choice((0, 1, 2, 6))))

    return metadata(mallory=person("x", sid="666" + word(), name="Mal" + word(), email=f"m{word()}@example.org"))


def yaml(chance):
    return in_bytes(chance, metadata().encode(), YAML)


def _lines(chance, text):
    lines = text.splitlines(keepends=True)
    for _ in range(chance.choice((0, 1, 2))):
        at = chance.randrange(len(lines))
        way = chance.randrange(3)
        if way == 0:
            lines.insert(chance.randrange(len(lines) + 1), lines[at])
        elif way == 1 and len(lines) > 1:
            del lines[at]
        else:
            lines[at] = lines[at] * chance.choice((2, 1000))
    return in_bytes(chance, "".join(lines).encode(), CSV)


def roster(chance):
    return _lines(chance, rosters.USUAL)


def template(chance):
    """The platform and the text of a template."""
    form, text = chance.choice((("canvas", templates.USUAL), ("moodle", templates.WORKSHEET)))
    return form, _lines(chance, text)
