"""Raises exceptions whose class, arguments, notes and text lie or never end."""
# status: graded killed
class Evil(ValueError):
    __class__ = property(lambda self: AssertionError)
    __notes__ = ["\x1b]0;x\x07" * 10**6]
    args = property(lambda self: self)
    def __str__(self):
        raise SystemExit(0)
    __repr__ = __str__
def twice(x):
    raise Evil(x)
