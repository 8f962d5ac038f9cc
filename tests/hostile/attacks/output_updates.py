"""Updates one picture without end."""
# status: graded timeout
from IPython.display import display
handle = display("x" * 1_000, display_id=True)
for number in range(20_000):
    handle.update(str(number) * 1_000)
def twice(x):
    return 0
