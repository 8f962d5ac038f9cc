# %% [markdown]
# # CSV in, JSON out

# %%
import csv
import json

# %% solution=true id="read"
def read_grades(path):
    """A dictionary from name to a list of numbers, from lines such as `Ada,1.5,2`; blank lines do not count."""
    ### BEGIN SOLUTION
    with open(path, newline="") as file:
        return {row[0]: [float(cell) for cell in row[1:]] for row in csv.reader(file) if row}
    ### END SOLUTION


# %% grade=true points=2 id="read_t1"
with open("grades_test.csv", "w") as f:
    f.write('Ada,1.5,2\n\n"Smith, Bob",3\n')
grades = read_grades("grades_test.csv")
assert grades["Ada"] == [1.5, 2.0]
assert list(grades) == ["Ada", "Smith, Bob"], list(grades)

# %% solution=true id="summary"
def write_summary(grades, path):
    """Writes the mean of each list of grades to a JSON file, with names in order and two decimals at most."""
    ### BEGIN SOLUTION
    means = {name: round(sum(values) / len(values), 2) for name, values in grades.items() if values}
    with open(path, "w") as file:
        json.dump(means, file, indent=2, sort_keys=True)
    ### END SOLUTION


# %% wrong="summary"
def write_summary(grades, path):
    with open(path, "w") as file:
        json.dump(grades, file)


# %% grade=true points=2 id="summary_t1"
write_summary({"b": [1, 2, 2], "a": [5]}, "summary_test.json")
with open("summary_test.json") as f:
    text = f.read()
data = json.loads(text)
assert data == {"a": 5, "b": 1.67}
assert text.index('"a"') < text.index('"b"')
### BEGIN HIDDEN TESTS
write_summary({"nobody": [], "x": [1.0]}, "summary_test.json")
assert json.load(open("summary_test.json")) == {"x": 1.0}
### END HIDDEN TESTS

# %% [markdown]
# Now write a file `squares.csv` with the header `n,square` and the squares of 1 to 5.

# %% solution=true id="squares"
### BEGIN SOLUTION
with open("squares.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["n", "square"])
    writer.writerows([n, n * n] for n in range(1, 6))
### END SOLUTION

# %% grade=true points=1 id="squares_t1"
with open("squares.csv") as f:
    rows = list(csv.DictReader(f))
assert len(rows) == 5
assert rows[-1] == {"n": "5", "square": "25"}

# %% solution=true id="append"
def log(path, message):
    """Adds a line to the end of a file, with the number of the line before it: `3: hello`."""
    ### BEGIN SOLUTION
    try:
        with open(path) as file:
            number = len(file.readlines()) + 1
    except FileNotFoundError:
        number = 1
    with open(path, "a") as file:
        file.write(f"{number}: {message}\n")
    ### END SOLUTION


# %% grade=true points=1 id="append_t1"
import os

if os.path.exists("log_test.txt"):
    os.remove("log_test.txt")
for word in ("one", "two", "three"):
    log("log_test.txt", word)
assert open("log_test.txt").read() == "1: one\n2: two\n3: three\n"
os.remove("log_test.txt")
