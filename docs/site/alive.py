"""Explorers that answer on a page of the site: with their own scripts, and a model of a few lines in place of Jupyter's."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from convlab.explorers.widget import FOLDER, script

# Beside a lesson's page.
SCRIPTS = "../_static/explorers"
# Those whose answers Python computes; without a kernel they stay still pictures.
NEED_A_KERNEL = {"layers"}
EXPORT = re.compile(r"^export (?=(?:async |function|class|const|let)\b)", re.MULTILINE)
EXPORTED = re.compile(r"^export default ", re.MULTILINE)
MODULE_ONLY = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def write_scripts(folder: Path) -> None:
    """Write the script of every explorer and their style sheet, once for all pages."""
    folder.mkdir(parents=True)
    for name in answer_alone():
        (folder / f"{name}.js").write_text(classic(name, script(f"{name}.js")), encoding="utf-8")
    style = (FOLDER / "explorer.css").read_text(encoding="utf-8")
    (folder / "explorer.css").write_text(style, encoding="utf-8")


def answer_alone() -> set[str]:
    """The explorers, by the names of their scripts, that need no kernel."""
    return {path.stem for path in FOLDER.glob("*.js")} - {"shared"} - NEED_A_KERNEL


def classic(name: str, module: str) -> str:
    """A module as a script of the old kind: on pages opened from disk, browsers import no modules.

    Raises:
        SystemExit: it has an import or export in another form than the explorers have.
    """
    body = EXPORTED.sub("return ", EXPORT.sub("", module))
    if left := MODULE_ONLY.search(body):
        raise SystemExit(f"{name}.js: the site cannot show an explorer with the line {left[0]!r}.")
    return f'convlab.explorers.{name} = (() => {{\n"use strict";\n{body}}})();\n'


def answering(widget: dict[str, Any], still: str) -> str | None:
    """HTML of an explorer in the state that the notebook has stored of it, or None if the widget needs a kernel.

    Without JavaScript, and on paper, it is what `still` has.
    """
    state = widget["state"]
    name = state.get("_anywidget_id", ".").split(".")[-2]
    if name not in answer_alone():
        return None
    traits = {key: value for key, value in state.items() if not key.startswith("_") and not _is_of_jupyter(value)}
    data = {buffer["path"][0]: buffer["data"].strip() for buffer in widget.get("buffers", [])}
    # As text of a script, a trait may hold no tag.
    start = json.dumps({"traits": traits, "bytes": data}, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<div class="answering" data-explorer="{escape(name)}">\n'
        f'<div class="still">{still}</div>\n'
        '<div class="alive"><div></div><p class="live">This picture answers: change it and see what follows.</p></div>\n'
        f'<script type="application/json">{start}</script>\n'
        f'<link rel="stylesheet" href="{SCRIPTS}/explorer.css">\n'
        f'<script defer src="{SCRIPTS}/{escape(name)}.js"></script>\n'
        "</div>"
    )


def _is_of_jupyter(value: Any) -> bool:
    """Whether a trait is one that every widget has: its layout, or nothing."""
    return value is None or (isinstance(value, str) and value.startswith("IPY_MODEL_"))
