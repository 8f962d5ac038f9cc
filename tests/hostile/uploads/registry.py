"""The registry of uploads: functions that each try something hostile, with a docstring that says what.

An upload gets a `Stage`, hands something in or imports something, and may assert more than what must hold for every
upload. It returns the points that the hostile student earned honestly; returning nothing means none.
"""

UPLOADS = []


def upload(function=None, *, open_class=False):
    """Register an upload; its class is its module's name."""

    def register(function):
        assert function.__doc__, function.__name__
        function.kind, function.open_class = function.__module__.rpartition(".")[2], open_class
        UPLOADS.append(function)
        return function

    return register(function) if function else register
