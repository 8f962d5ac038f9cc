"""What an upload is: a function that tries something, with a sentence that says what.

It gets a `Stage`, hands something in or imports something, and may assert more than what holds for every upload. It gives
the points that the hostile student earned honestly; without a value, these are none.
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
