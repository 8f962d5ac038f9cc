"""Prints without end."""
# status: timeout
while True:
    print("spam " * 1000)
