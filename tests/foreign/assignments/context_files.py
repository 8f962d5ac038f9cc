# %% [markdown]
# # Files and `with`

# %%
import os
from contextlib import contextmanager
from pathlib import Path

# %% solution=true id="write_table"
def write_table(path, rows):
    """Writes one line for each row, with tabs between the values. Returns how many lines there are."""
    ### BEGIN SOLUTION
    with open(path, "w", encoding="utf-8") as file:
        for row in rows:
            file.write("\t".join(str(value) for value in row) + "\n")
    return len(rows)
    ### END SOLUTION


# %% grade=true points=2 id="write_table_check"
count = write_table("table.tsv", [("name", "age"), ("Ada", 36), ("Zoë", 7)])
assert count == 3
assert os.path.isfile("table.tsv"), "no file was written"
with open("table.tsv", encoding="utf-8") as f:
    lines = f.read().split("\n")
assert lines[1] == "Ada\t36"
assert lines[2] == "Zoë\t7"

# %% solution=true id="safe_open"
@contextmanager
def replacing(path):
    """Gives a file to write into; the old content of `path` stays if an error is raised meanwhile."""
    ### BEGIN SOLUTION
    temporary = Path(f"{path}.new")
    try:
        with open(temporary, "w") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    ### END SOLUTION


# %% wrong="safe_open"
@contextmanager
def replacing(path):
    with open(path, "w") as file:
        yield file


# %% grade=true points=1 id="safe_open_check"
with replacing("note.txt") as note:
    note.write("first")
assert Path("note.txt").read_text() == "first"

# %% grade=true points=2 id="safe_open_hidden"
Path("keep.txt").write_text("precious")
try:
    with replacing("keep.txt") as file:
        file.write("half of")
        raise OSError("power cut")
except OSError:
    pass
assert Path("keep.txt").read_text() == "precious", "the old text is lost"
### BEGIN HIDDEN TESTS
assert not list(Path(".").glob("keep.txt.*")), "nothing should be left over"
### END HIDDEN TESTS

# %% solution=true id="tree"
def tree_size(folder):
    """The number of bytes in all files of a folder and the folders in it."""
    ### BEGIN SOLUTION
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    ### END SOLUTION


# %% grade=true points=1 id="tree_check"
Path("box/inner").mkdir(parents=True, exist_ok=True)
Path("box/a.txt").write_text("12345")
Path("box/inner/b.txt").write_text("678")
assert tree_size("box") == 8
