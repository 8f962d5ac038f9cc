"""Raises an error whose name, text and notes are not valid ones."""
# status: graded killed
class Named(type):
    @property
    def __name__(cls):
        return ["no", "name"]
class Evil(Exception, metaclass=Named):
    __notes__ = 5
    def __str__(self):
        raise Evil
    __repr__ = __str__
raise Evil(Evil())
def twice(x):
    return 0
