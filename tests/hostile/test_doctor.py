"""The doctor's attacks are real: they get through without walls, and only then."""

import pytest

from autograder.execution import try_walls
from autograder.execution.attempts import WALLS

# These hold without bubblewrap as well: limits and the two processes need no namespaces.
HOLD_ANYWAY = {"descriptors", "memory", "threads", "time", "output", "hidden tests"}
# Not every kernel can still run 32-bit code.
MAY_HOLD = {"machine code"}


@pytest.mark.usefixtures("sandbox")
def test_every_wall_holds():
    fallen = {found.wall.name: found.said for found in try_walls() if not found.held}
    assert fallen == {}


@pytest.mark.slow
def test_without_walls_the_same_attacks_get_through():
    fallen = {found.wall.name for found in try_walls(unsafe=True) if not found.held}
    assert fallen | MAY_HOLD == {wall.name for wall in WALLS} - HOLD_ANYWAY
