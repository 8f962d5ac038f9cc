"""Returns a hundred thousand functions."""
# status: graded timeout out_of_memory
def twice(x):
    return [lambda: number for number in range(100_000)]
