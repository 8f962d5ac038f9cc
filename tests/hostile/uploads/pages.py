"""Texts, codes and outputs that a page cannot show, is slow to show, or must not run."""

import json

import nbformat
from uploads.registry import upload
from uploads.stage import LESSON, MEGABYTE

MARKDOWN, CODE = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
ALERT = "document.title='breach'"


def _with(stage, *cells):
    """Hand in a solved notebook with additional cells; returns its score."""
    notebook = stage.solved()
    notebook.cells[1:1] = [nbformat.from_dict({**cell, "id": f"more-{n}"}) for n, cell in enumerate(cells)]
    stage.hand_in(notebook)
    return 3.0


def _page(stage):
    stage.hand_in_honest()
    stage.grade()
    return (stage.path / "feedback" / "mallory" / LESSON / f"{LESSON}.html").read_text()


@upload
def table(stage):
    """A Markdown table of 19 KB that becomes 8.6 MB of HTML: few rows, and short ones below a wide head."""
    return _with(stage, MARKDOWN("|" + "a|" * 4000 + "\n|" + "-|" * 4000 + "\n" + "a\n" * 1000))


@upload
def several_tables(stage):
    """Twenty such tables."""
    return _with(stage, *[MARKDOWN("|" + "a|" * 3000 + "\n|" + "-|" * 3000 + "\n" + "a\n" * 800)] * 20)


@upload
def nested_lists(stage):
    """Lists in lists, and quotations in quotations."""
    lists = "\n".join("  " * n + "- x" for n in range(800))
    return _with(stage, MARKDOWN(lists), MARKDOWN(">" * 50_000 + "x"), MARKDOWN("- " * 20_000), MARKDOWN("1. " * 9000))


@upload
def brackets(stage):
    """Brackets, stars and backticks that may begin something."""
    texts = ["[" * 60_000, "![](" * 20_000, "*a_ " * 20_000, "`" * 50_000 + "a", "<" * 60_000, "[a](<" * 15_000]
    return _with(stage, *map(MARKDOWN, [*texts, "**a" * 30_000, "~~a" * 30_000, "[x]: " * 20_000, "\\" * 90_000]))


@upload
def references(stage):
    """Thousands of references and footnotes to one another."""
    text = "\n".join(f"[r{n}]: /url/{n}" for n in range(4000)) + "\n\n" + " ".join(f"[r{n}][r{n}]" for n in range(4000))
    return _with(stage, MARKDOWN(text), MARKDOWN("[^1] " * 9000 + "\n\n[^1]: [^1]"), MARKDOWN("&amp;" * 30_000))


@upload
def formulas(stage):
    """Formulas that are nested, endless, or define themselves."""
    texts = [
        "$" + "{" * 10_000 + "}" * 10_000 + "$",
        r"$$\def\a{\a\a}\a$$",
        "$" + r"\frac{1}{" * 2000 + "x" + "}" * 2000 + "$",
        "$" + r"\sqrt" * 5000 + "x$",
        "$" * 60_000,
        r"$$\begin{matrix}" + "a&" * 20_000 + r"\end{matrix}$$",
        "$" + r"\left(" * 3000 + "$",
        "$x_" * 15_000,
    ]
    return _with(stage, *map(MARKDOWN, texts))


@upload
def scripts(stage):
    """Scripts in every element that runs one."""
    texts = [
        f"<script>{ALERT}</script>",
        f'<img src=x onerror="{ALERT}">',
        f"<svg/onload={ALERT}>",
        f"<math><mtext><style><img src=x onerror={ALERT}></style></mtext></math>",
        f"<iframe srcdoc='<script>{ALERT}</script>'></iframe>",
        f"<details open ontoggle={ALERT}>",
        f"<object data=javascript:{ALERT}></object><embed src=javascript:{ALERT}>",
        f"<style>@import 'javascript:{ALERT}';</style><body onload={ALERT}>",
        f"<noscript><p title='</noscript><img src=x onerror={ALERT}>'>",
    ]
    texts.append("\n\n".join(texts))
    score = _with(stage, *map(MARKDOWN, texts))
    page = _page(stage)
    assert f"<script>{ALERT}" not in page and f'onerror="{ALERT}' not in page and "<iframe" not in page
    assert f"onload={ALERT}>" not in page and "<object" not in page and f"onerror={ALERT}>" not in page
    return score


@upload
def links_that_run(stage):
    """Links and pictures that are scripts or reach out."""
    links = [
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html,<script>1</script>",
    ]
    score = _with(stage, MARKDOWN("\n\n".join(f"[x]({one}) <a href='{one}'>y</a> ![z]({one})" for one in links)))
    assert 'href="javascript' not in _page(stage).lower()
    return score


@upload
def redirects(stage):
    """Elements that lead the reader elsewhere or change every address of the page."""
    texts = [
        "<meta http-equiv=refresh content='0;url=//example.org'>",
        "<base href=//example.org>",
        "<form action=//x>",
    ]
    score = _with(stage, *map(MARKDOWN, texts), MARKDOWN("<link rel=stylesheet href=//example.org/x.css>"))
    page = _page(stage).lower()
    assert "<meta http-equiv=refresh" not in page and "<base href=//" not in page and "<form action=//" not in page
    return score


@upload
def breaks_out(stage):
    """Texts that close the element or the comment that they stand in."""
    texts = [
        "</div></body></html><script>x</script>",
        "--><script>x</script><!--",
        "</textarea></title></style>",
        "]]>",
    ]
    cells = [cell for text in texts for cell in (MARKDOWN(text), CODE(f"# {text}\nprint({text!r})"))]
    score = _with(stage, *cells)
    assert "<script>x</script>" not in _page(stage)
    return score


@upload
def templates_in_texts(stage):
    """Expressions of template languages."""
    texts = ["{{ 7 * 191 }}", "{% include '/etc/passwd' %}", "<< 7 >>", "${7*191}", "#{7*191}", "{{ config }}"]
    score = _with(stage, *map(MARKDOWN, texts), *[CODE(f"print({text!r})") for text in texts])
    assert "1337" not in _page(stage)
    return score


@upload
def html_as_output(stage):
    """Outputs of kinds that a page would run or load."""
    code = f"""
from IPython.display import HTML, Javascript, IFrame, display
display(HTML("<script>{ALERT}</script>"), Javascript("{ALERT}"), IFrame("javascript:{ALERT}", 1, 1))
for kind in ("text/html", "image/svg+xml", "application/javascript", "text/markdown", "text/latex", "application/x"):
    display({{kind: "<script>{ALERT}</script>", "text/plain": "x"}}, raw=True)
"""
    score = _with(stage, CODE(code))
    assert f"<script>{ALERT}" not in _page(stage)
    return score


@upload
def pictures_that_are_none(stage):
    """Pictures that are no base64, of other types, and of 30 MB."""
    code = """
from IPython.display import display
for value in ("%%%", "\\"><script>1</script>", "A" * 30_000_000, "\\0"):
    display({"image/png": value, "text/plain": "x"}, raw=True)
"""
    return _with(stage, CODE(code))


@upload
def much_output(stage):
    """Endless lines, one endless line, and a hundred thousand outputs."""
    codes = ["print('x' * 50_000_000)", "for n in range(200_000): print(n)", "for n in range(3000): display(n)"]
    return _with(stage, *map(CODE, codes))


@upload
def nested_results(stage):
    """Results that are lists of one list, so that a small value prints as gigabytes."""
    stage.hand_in(stage.cheat("a = 'xxxxxxxxxx' * 1000\nfor _ in range(12): a = [a] * 8\ndef twice(x):\n    return a"))


@upload
def long_exceptions(stage):
    """Exceptions with texts of 20 MB, in cells and in answers."""
    code = "def twice(x):\n    raise ValueError('y' * 20_000_000)"
    notebook = stage.cheat(code)
    notebook.cells.insert(2, nbformat.from_dict({**CODE("raise ValueError('z' * 20_000_000)"), "id": "more"}))
    stage.hand_in(notebook)


@upload
def deep_exceptions(stage):
    """Exceptions of exceptions, groups of groups, and endless recursion."""
    code = """
def twice(x):
    error = ValueError("x" * 1000)
    for n in range(500):
        new = ExceptionGroup("g" * 1000, [error, ValueError()])
        new.__cause__ = error
        error = new
    raise error
"""
    notebook = stage.cheat(code)
    notebook.cells.insert(2, nbformat.from_dict({**CODE("f = lambda: f()\nf()"), "id": "more"}))
    stage.hand_in(notebook)


@upload
def slow_code(stage):
    """Code that highlighters are slow on."""
    codes = ["'" * 60_000, "f'{" * 20_000, '"""' * 20_001, "\\\n" * 40_000, "0" * 90_000, "(" * 80_000, "@" * 90_000]
    return _with(stage, *map(CODE, codes))


@upload
def escape_sequences(stage):
    """Outputs with thousands of colors, links and movements of the cursor."""
    codes = [
        "print('\\x1b[31m' * 50_000)",
        "print(''.join(f'\\x1b[38;5;{n % 256}mx' for n in range(50_000)))",
        "print('\\x1b]8;;javascript:alert(1)\\x07x\\x1b]8;;\\x07')",
        "print('\\r' * 90_000 + '\\b' * 90_000)",
        "print('\\x1b[' + '1;' * 90_000 + 'm')",
    ]
    return _with(stage, *map(CODE, codes))


@upload
def letters_that_are_none(stage):
    """Lone surrogates, zero bytes, and marks that reverse the writing direction."""
    codes = [
        "print('\\ud800\\0\\u202e')",
        "raise ValueError('\\udfff')",
        "display('\\0\\x1b')",
        "print('\\u0300' * 90_000)",
    ]
    return _with(stage, *map(CODE, codes), MARKDOWN("a\u202eb\u0000c\u2028d" + "\u0300" * 90_000))


@upload
def missing_attachments(stage):
    """Pictures that are attached nowhere, in a text and in a written answer."""
    notebook = stage.solved()
    notebook.cells[0].source = "![x](attachment:nowhere.png)"
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "explain_toy":
            cell.source = "![x](attachment:nowhere.png) <img src='attachment:other.png'>"
    stage.hand_in(notebook)
    return 3.0


@upload
def written_answer(stage):
    """A written answer of a million letters, with scripts in it."""
    notebook = json.loads(json.dumps(stage.solved()))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "explain_toy":
            cell["source"] = "<script>x</script>" + "because " * (MEGABYTE // 8)
    stage.hand_in(notebook)
    assert "<script>x</script>" not in _page(stage)
    return 3.0
