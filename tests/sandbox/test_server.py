"""The fork server starts quickly and, when nobody needs it any more, is gone at once."""

import sys
import time

import pytest

from autograder.execution.runner import JUDGE
from autograder.sandbox import ForkServer
from autograder.sandbox.server import _no_address_grammar


def test_a_fork_server_builds_no_address_grammar_and_leaves_the_module_to_its_children(monkeypatch):
    monkeypatch.delitem(sys.modules, "rfc3987_syntax", raising=False)
    with _no_address_grammar(), pytest.raises(ModuleNotFoundError):
        import rfc3987_syntax  # noqa: F401
    assert "rfc3987_syntax" not in sys.modules


@pytest.mark.slow
def test_a_fork_server_that_nobody_waited_for_is_ended_at_once():
    server = ForkServer(JUDGE).launch()
    process = server._running.process
    begun = time.monotonic()
    server.close()
    assert process.poll() is not None
    assert time.monotonic() - begun < 1
