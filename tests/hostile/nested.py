"""Creates nested folders of any depth, even if their path is longer than the system allows."""

import os


def nest(folder, depth, name="d"):
    """Create `depth` nested folders, each relative to its parent, and a file in the last; tests/conftest.py removes them."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with os.fdopen(os.open("end.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here), "w") as file:
        file.write("x")
    os.close(here)
