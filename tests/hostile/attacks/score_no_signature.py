"""Gives its function a signature that raises when it is looked at."""
# status: graded
class Odd:
    def __call__(self, x):
        return 0
    @property
    def __signature__(self):
        raise SystemExit
    @property
    def __name__(self):
        raise SystemExit
twice = Odd()
