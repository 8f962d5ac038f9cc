# What other packages use; each name is imported when it is first asked for.
from .doctor import try_walls as try_walls
from .runner import Runner as Runner
from .runner import RunResult as RunResult
from .runner import shared_runner as shared_runner
