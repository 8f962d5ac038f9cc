"""Returns a list nested a hundred thousand deep."""
def twice(x):
    value = 0
    for _ in range(100_000):
        value = [value]
    return value
