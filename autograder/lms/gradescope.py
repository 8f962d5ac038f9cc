"""Reads Gradescope's `submission_metadata.yml` in a limited process: who handed in each submission, and when.

Run as a program, this module is the limited process: YAML on standard input, JSON on standard output. It uses only
libyaml's events. No value is resolved, so no number, time or tag takes long or creates an object; an alias is a
reference to an existing node, so nothing is multiplied; nothing is recursive, so no nesting exhausts the stack.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

if sys.platform != "win32":
    import resource

MAX_BYTES = 64 * 2**20
MAX_EVENTS, MAX_DEPTH = 2_000_000, 64
MAX_SUBMISSIONS, MAX_PEOPLE, MAX_TEXT = 20_000, 200, 500
MAX_ANSWER = 32 * 2**20
MEMORY, SECONDS = 2 * 2**30, 30
# Allowed tags: those of Ruby classes, and those that mark a value as text.
TAGS = ("!ruby/", "!", "tag:yaml.org,2002:str")
NOTHING = ("", "~", "null", "Null", "NULL")


class Malformed(Exception):
    """The text is not valid Gradescope metadata; the message says why."""


@dataclass(slots=True)
class Node:
    """A mapping, a sequence or a scalar; `kept` are a mapping's alternating keys and values, or a sequence's items."""

    kind: str
    text: str = ""
    plain: bool = False
    tag: str = ""
    kept: list[Node] = field(default_factory=list)
    count: int = 0
    anchored: bool = False


def parse(content: bytes) -> dict[str, Any]:
    """The submissions in a metadata file, by folder: for each its `submitters` and `created_at`, or its `fault`.

    Raises:
        Malformed: the file is larger than MAX_BYTES, is not YAML, is nested too deeply, takes too long to read, or has
            another structure.
    """
    if len(content) > MAX_BYTES:
        raise Malformed(f"it has more than {MAX_BYTES // 2**20} MB")
    command = [sys.executable, "-I", "-X", "utf8", __file__]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=2 * SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise Malformed("reading it takes too long") from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        raise Malformed("reading it takes too much time or memory") from error
    if "malformed" in answer:
        raise Malformed(answer["malformed"])
    return answer["submissions"]


def _root(content: bytes) -> Node:
    """The top node of the only document; below submissions, only nodes that are `_wanted` or anchored are kept."""
    anchors: dict[str, Node] = {}
    stack: list[Node] = []
    root = None
    for event in _events(content):
        if isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise Malformed("it has more than one document")
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        node = _node(event, anchors)
        if not isinstance(event, yaml.AliasEvent):
            node.anchored = event.anchor is not None or bool(stack and stack[-1].anchored)
        root = root or node
        if stack:
            _attach(stack, node)
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append(node)
            if len(stack) > MAX_DEPTH:
                raise Malformed(f"it is nested more than {MAX_DEPTH} deep")
    if root is None:
        raise Malformed("it is empty")
    return root


def _node(event: yaml.NodeEvent, anchors: dict[str, Node]) -> Node:
    if isinstance(event, yaml.AliasEvent):
        anchor = event.anchor or ""
        if anchor not in anchors:
            raise Malformed(f"it refers to the undefined anchor {anchor[:40]!r}")
        return anchors[anchor]
    if isinstance(event, yaml.ScalarEvent):
        node = Node("text", event.value, event.implicit[0], event.tag or "")
    elif isinstance(event, yaml.CollectionStartEvent):
        node = Node("mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence", tag=event.tag or "")
    else:
        raise Malformed("it has an event of another kind")
    if event.anchor is not None:
        anchors[event.anchor] = node
    return node


def _attach(stack: list[Node], node: Node) -> None:
    """Add a node to its parent or, if it is not needed, a placeholder that takes no memory."""
    parent = stack[-1]
    parent.count += 1
    is_value = parent.kind == "mapping" and parent.count % 2 == 0
    if parent.anchored or node.anchored or _wanted(stack) or (parent.kind == "mapping" and not is_value):
        parent.kept.append(node)
    elif is_value:
        parent.kept.append(Node("skipped"))


def _wanted(stack: list[Node]) -> bool:
    """Whether a node below the nodes of the stack is a submission, or part of its submitters or time."""
    if len(stack) <= 1:
        return True
    submission = stack[1]
    if submission.kind != "mapping" or (len(stack) == 2 and submission.count % 2 == 1):
        return False  # keys are always kept, by `_attach`
    key = submission.kept[-1 if len(stack) == 2 else -2]
    return key.text in (":submitters", ":created_at")


def _events(content: bytes) -> Iterator[yaml.Event]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for count, event in enumerate(yaml.parse(content, Loader=loader)):
            if count > MAX_EVENTS:
                raise Malformed("it has too many parts")
            yield event
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise Malformed(f"it is not valid YAML{where}") from error


def _pairs(node: Node) -> dict[str, Node]:
    """A mapping's values by key. Raises Malformed if it is not a mapping, or a key is not text or is repeated."""
    if node.kind != "mapping" or not _known(node.tag):
        raise Malformed("expected a mapping, got something else")
    found: dict[str, Node] = {}
    for key, value in zip(node.kept[::2], node.kept[1::2], strict=True):
        if key.kind != "text" or not _known(key.tag):
            raise Malformed("a key is not text")
        if key.text == "<<":
            raise Malformed("it merges mappings with '<<', which is not supported")
        if key.text in found:
            raise Malformed(f"it has the key {key.text[:40]!r} twice")
        found[key.text] = value
    return found


def _known(tag: str) -> bool:
    return not tag or tag in TAGS or tag.startswith(TAGS[0])


def _text(node: Node | None) -> str:
    if node is None:
        return ""
    if node.kind != "text" or not _known(node.tag):
        raise Malformed("expected a text, got something else")
    if len(node.text) > MAX_TEXT:
        raise Malformed(f"a text has more than {MAX_TEXT} letters")
    return "" if node.plain and node.text in NOTHING else node.text.strip()


def _submission(node: Node) -> dict[str, Any]:
    known = _pairs(node)
    people = known.get(":submitters", Node("sequence"))
    if people.kind == "text" and people.plain and people.text in NOTHING:
        people = Node("sequence")
    if people.kind != "sequence" or not _known(people.tag):
        raise Malformed("expected a list of people, got something else")
    if len(people.kept) > MAX_PEOPLE:
        raise Malformed(f"it names more than {MAX_PEOPLE} people")
    submitters = []
    for one in people.kept:
        person = _pairs(one)
        submitters.append({key: _text(person.get(f":{key}")) for key in ("name", "sid", "email")})
    time = known.get(":created_at")
    if time is not None and time.kind == "mapping":
        parts = _pairs(time)
        time = parts.get("utc") or parts.get("time")
    return {"submitters": submitters, "created_at": _text(time)}


def read(content: bytes) -> dict[str, Any]:
    """Do the work of `parse`, in this process."""
    found = {}
    submissions = _pairs(_root(content))
    if len(submissions) > MAX_SUBMISSIONS or any(len(name) > MAX_TEXT for name in submissions):
        raise Malformed(f"it names more than {MAX_SUBMISSIONS:,} submissions, or one of more than {MAX_TEXT} letters")
    for name, node in submissions.items():
        try:
            found[name] = _submission(node)
        except Malformed as error:
            found[name] = {"fault": str(error)}
    return found


def _limit() -> None:
    """Limit the resources of this process. Windows has no such limits; there, only the parent's timeout applies."""
    if sys.platform == "win32":
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _main() -> None:
    _limit()
    answer: dict[str, Any]
    try:
        answer = {"submissions": read(sys.stdin.buffer.read(MAX_BYTES + 1))}
    except Malformed as error:
        answer = {"malformed": str(error)}
    except (MemoryError, RecursionError):
        answer = {"malformed": "reading it takes too much memory"}
    text = json.dumps(answer)
    sys.stdout.write(text if len(text) <= MAX_ANSWER else json.dumps({"malformed": "it names too many people"}))


if __name__ == "__main__":
    _main()
