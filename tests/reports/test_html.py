"""Pages of feedback: whatever a student wrote can be read, and does nothing."""

from html.parser import HTMLParser

import nbformat
import pytest
from graded_page import GRADES, notebook
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.reports import feedback_page, html

TEXT_TAGS = set(
    "p em strong code pre a h3 h4 h5 h6 ul ol li blockquote hr br table thead tbody tr th td span div eqn section".split()
)
HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<div style='position:fixed;inset:0'>12 of 12 points</div>",
    "[click](javascript:alert(1))",
    "![x](javascript:alert(1))",
    "![x](https://elsewhere.example/pixel.png)",
    r"$\text{<script>alert(1)</script>}$",
    r"$\href{javascript:alert(1)}{x}$",
    r"$$\style{position:fixed}{x}$$",
    "</main></body><script>",
    "$\\frac{$",
    "<svg onload=alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<https://a.example/\"onmouseover='x'>",
]


class Seen(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += [(tag, *attribute) for attribute in attributes]


def harmless(page, tags):
    seen = Seen(page)
    assert seen.tags <= tags | html.MATHML, seen.tags - tags
    for _, name, value in seen.attributes:
        assert not name.startswith("on") and name not in ("srcset", "formaction", "xlink:href"), (name, value)
        if name in ("href", "src"):
            assert (value or "").lower().startswith(("http:", "https:", "mailto:", "#", "data:image/")), value


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_not_obeyed(text):
    harmless(html.text(text), TEXT_TAGS)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from([*HOSTILE, "$", "`", "\n", "\n\n", "|", "*", "<", ">", "&", '"', "\\", " x "]), max_size=8)
)
def test_no_mixture_of_hostile_text_is_obeyed(parts):
    harmless(html.text("".join(parts)), TEXT_TAGS)


def test_a_quotation_is_one_also_after_nbgraders_cleaning():
    assert html.text("&gt; **A word.** One\n&gt; two") == html.text("> **A word.** One\n> two")
    assert "<blockquote>" in html.text("&gt; a word") and "<blockquote>" not in html.text("a &gt; b\n\n&gt;b")


def test_formulas_are_typeset_without_any_script():
    inline = html.text(r"The size is $\left\lfloor \frac{n + 2p - k}{s} \right\rfloor + 1$.")
    assert "<math" in inline and "<mfrac>" in inline
    assert 'display="block"' in html.text("$$\nz_{i,j} = b + \\sum_{u=0}^{f_h - 1} x_{i,u}\n$$")


def test_a_page_says_what_happened_and_hides_hidden_tests():
    page = feedback_page(notebook(), GRADES)
    for shown in (
        "Toy &lt;lesson&gt;",
        "twice(3) should be 6, got 9",
        "Two times x is not &lt;b&gt;x times x&lt;/b&gt;.",
        "did not finish within the time limit",
        "A &lt;test&gt; cell was put back.",
        "See me.",
        "waits for your instructor",
        "a &#34;fine&#34; picture",
        "&lt;i&gt;plain&lt;/i&gt;",
        "of 5 points; still waiting for your instructor: 3",
    ):
        assert shown in page, shown
    assert "hidden line" not in page and "assert twice(3)" not in page
    assert "hidden line" in feedback_page(notebook(), GRADES, hide=False)


def test_a_whole_page_has_only_what_it_should_have():
    page = feedback_page(notebook(), GRADES)
    document = "html head meta title style body main h1 h2 small img details summary header".split()
    harmless(page, TEXT_TAGS | set(document))
    assert "default-src 'none'" in page and "<script" not in page


def test_all_right_needs_no_next_step():
    done = notebook()
    done.cells[4].metadata.nbgrader["score"] = 2
    done.cells[4].outputs = []
    page = feedback_page(done, GRADES)
    assert "Continue here" not in page and "✓ right" in page


def test_what_nbgrader_remarks_by_itself_is_no_word_of_the_instructor():
    untouched = notebook()
    untouched.cells[3].metadata.nbgrader["comment"] = "No response."
    untouched.cells[5].metadata.nbgrader.update(comment="No response.", needs_manual_grade=False, score=0)
    page = feedback_page(untouched, GRADES)
    assert "No response" not in page and "Your instructor writes" not in page
    assert page.count("Unchanged since it was handed out.") == 2 and "✎ not answered" in page


def test_of_a_file_that_could_not_be_read_the_page_says_only_what_to_do():
    unread = notebook()
    reason = "01_toy.ipynb: the file is not a notebook. Take the file that you work in."
    unread.metadata["convlab"] = {"status": "unreadable", "reason": reason, "repaired": []}
    unread.cells[4].outputs = [nbformat.v4.new_output("error", ename="NotRun", evalue=reason, traceback=[])]
    unread.cells[5].metadata.nbgrader.update(comment="No response.", needs_manual_grade=False, score=0)
    page = feedback_page(unread, GRADES)
    assert page.count(reason) == 1 and page.count("✗ not read") == 2 and page.count("See me.") == 1
    for wrong in ("Continue here", "not right yet", "No response", 'href="#', "All cells"):
        assert wrong not in page, wrong
