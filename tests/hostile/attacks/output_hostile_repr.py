"""Displays objects whose text is endless, is not a text, or ends the process when it is made."""
# status: graded timeout
from IPython.display import display
class Evil:
    def __repr__(self):
        return "x" * 10**8
    def _repr_html_(self):
        raise SystemExit
    def _repr_mimebundle_(self, **_):
        return {"text/plain": 5, "image/png": object(), "text/html": "<script>1</script>"}, {"a": self}
class NoText:
    def __repr__(self):
        return 5
for thing in (Evil(), NoText(), [Evil()]):
    try:
        display(thing)
    except BaseException as error:
        print(type(error))
def twice(x):
    return 0
