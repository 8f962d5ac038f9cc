"""Loops as soon as the tests call."""
# status: timeout
def twice(x):
    while True:
        pass
