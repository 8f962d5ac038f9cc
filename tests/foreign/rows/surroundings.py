"""What surrounds a function: what it prints and reads, files, randomness, time, modules, names of the notebook."""

from rows.row import row

SURROUNDINGS = [
    row(
        "printed output, redirect_stdout",
        """
def triangle(n):
    for k in range(1, n + 1):
        print("*" * k)
""",
        ("range(1, n + 1)", "range(n)"),
        """
import io
from contextlib import redirect_stdout
out = io.StringIO()
with redirect_stdout(out):
    result = triangle(3)
assert out.getvalue() == "*\\n**\\n***\\n", out.getvalue()
assert result is None
""",
    ),
    row(
        "printed output, sys.stdout replaced",
        """
def greet(names):
    for name in names:
        print("Hello", name, sep=", ", end="!\\n")
""",
        ('sep=", ", ', ""),
        """
import io, sys
old, sys.stdout = sys.stdout, io.StringIO()
try:
    greet(["Ada", "Bob"])
    lines = sys.stdout.getvalue().splitlines()
finally:
    sys.stdout = old
assert lines == ["Hello, Ada!", "Hello, Bob!"]
""",
    ),
    row(
        "printed output, a helper in the manner of capsys",
        """
import sys
def warn(message):
    print("checking")
    print("warning: " + message, file=sys.stderr)
""",
        (", file=sys.stderr", ""),
        """
out, err = captured(warn, "disk full")
assert out == "checking\\n"
assert err == "warning: disk full\\n"
""",
        setup="""
import contextlib
import io

def captured(function, *args):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        function(*args)
    return out.getvalue(), err.getvalue()
""",
    ),
    row(
        "printed output, print patched by unittest.mock",
        """
def fizzbuzz(n):
    for k in range(1, n + 1):
        print("Fizz" * (k % 3 == 0) + "Buzz" * (k % 5 == 0) or k)
""",
        ("k % 5 == 0", "k % 10 == 0"),
        """
from unittest.mock import call, patch
with patch("builtins.print") as fake:
    fizzbuzz(5)
assert fake.call_args_list == [call(1), call(2), call("Fizz"), call(4), call("Buzz")]
""",
    ),
    row(
        "input patched by unittest.mock",
        """
def ask_age():
    while True:
        text = input("Age? ")
        if text.isdigit():
            return int(text)
""",
        ("return int(text)", "return text"),
        """
from unittest.mock import patch
with patch("builtins.input", side_effect=["x", "", "42"]) as fake:
    assert ask_age() == 42
assert fake.call_count == 3
""",
    ),
    row(
        "input replaced by assignment to builtins.input",
        """
def total():
    result = 0
    while (text := input()) != "done":
        result += float(text)
    return result
""",
        ('!= "done"', '!= ""'),
        """
import builtins
real = builtins.input
answers = iter(["1", "2.5", "done", ""])
builtins.input = lambda prompt="": next(answers)
try:
    assert total() == 3.5
finally:
    builtins.input = real
""",
    ),
    row(
        "input replaced by a global name",
        """
def shout():
    return input("Say: ").upper()
""",
        (".upper()", ""),
        """
input = lambda prompt: {"Say: ": "hello"}[prompt]
assert shout() == "HELLO"
del input
""",
        judged="together",
    ),
    row(
        "random seeded in the test",
        """
import random
def roll(n):
    return [random.randint(1, 6) for _ in range(n)]
""",
        ("randint(1, 6)", "randint(0, 6)"),
        """
import random
random.seed(1)
expected = [random.randint(1, 6) for _ in range(10)]
random.seed(1)
assert roll(4) == expected[:4]
assert roll(6) == expected[4:], "the second call goes on where the first ended"
""",
    ),
    row(
        "np.random seeded in the test",
        """
import numpy as np
def estimate_pi(n):
    x, y = np.random.rand(n), np.random.rand(n)
    return 4 * np.mean(x ** 2 + y ** 2 <= 1)
""",
        ("x, y = np.random.rand(n), np.random.rand(n)", "x = y = np.random.rand(n)"),
        """
import numpy as np
np.random.seed(0)
x, y = np.random.rand(1000), np.random.rand(1000)
np.random.seed(0)
assert estimate_pi(1000) == 4 * np.mean(x ** 2 + y ** 2 <= 1)
assert abs(estimate_pi(100_000) - np.pi) < 0.05
""",
    ),
    row(
        "generator of random numbers in a variable",
        """
import numpy as np
rng = np.random.default_rng(42)
def sample(n):
    return rng.normal(10, 2, size=n)
""",
        ("rng.normal(10, 2, size=n)", "rng.normal(10, 4, size=n)"),
        """
import numpy as np
rng = np.random.default_rng(42)
values = sample(20_000)
assert values.shape == (20_000,)
assert abs(values.mean() - 10) < 0.1 and abs(values.std() - 2) < 0.1
""",
    ),
    row(
        "file written by the student's function",
        """
import json
def save(path, settings):
    with open(path, "w") as file:
        json.dump(settings, file, indent=2)
""",
        ("json.dump(settings, file, indent=2)", "file.write(str(settings))"),
        """
import json, os
save("settings.json", {"volume": 7})
assert os.path.exists("settings.json")
with open("settings.json") as file:
    assert json.load(file) == {"volume": 7}
os.remove("settings.json")
""",
    ),
    row(
        "file written by a cell",
        """
with open("squares.csv", "w") as out:
    out.write("n,square\\n")
    for n in range(4):
        out.write(f"{n},{n * n}\\n")
""",
        ("{n * n}", "{2 * n}"),
        """
import csv
from pathlib import Path
rows = list(csv.DictReader(open("squares.csv")))
assert len(rows) == 4 and rows[3] == {"n": "3", "square": "9"}
assert Path("squares.csv").read_text().startswith("n,square")
""",
    ),
    row(
        "file written by the test and read by the student's function",
        """
def longest_line(path):
    with open(path, encoding="utf-8") as file:
        return max((line.rstrip("\\n") for line in file), key=len, default="")
""",
        ('line.rstrip("\\n")', "line"),
        """
with open("test.txt", "w", encoding="utf-8") as file:
    file.write("one\\nthree\\nsix\\n")
assert longest_line("test.txt") == "three"
open("empty.txt", "w").close()
assert longest_line("empty.txt") == ""
try:
    longest_line("missing.txt")
    assert False
except FileNotFoundError:
    pass
""",
    ),
    row(
        "files in a temporary folder of the test's",
        """
from pathlib import Path
def count_lines(folder):
    return {path.name: len(path.read_text().splitlines()) for path in sorted(Path(folder).glob("*.txt"))}
""",
        ('"*.txt"', '"*"'),
        """
import tempfile
from pathlib import Path
with tempfile.TemporaryDirectory() as folder:
    Path(folder, "a.txt").write_text("1\\n2\\n")
    Path(folder, "b.md").write_text("no")
    assert count_lines(folder) == {"a.txt": 2}
""",
    ),
    row(
        "file that came with the assignment",
        """
def word_count(path):
    return len(open(path).read().split())
""",
        (".split()", ".splitlines()"),
        """
assert word_count("data/poem.txt") == 7
assert open("data/poem.txt").readline().startswith("The fog")
""",
        files={"data/poem.txt": "The fog comes\non little cat feet\n"},
    ),
    row(
        "text handed over as a file object",
        """
def parse(file):
    return dict(line.strip().split("=", 1) for line in file if "=" in line)
""",
        ('split("=", 1)', 'split("=")[:2]'),
        """
import io
assert parse(io.StringIO("a=1\\n# no\\nb=x=y\\n")) == {"a": "1", "b": "x=y"}
""",
    ),
    row(
        "modules imported in the notebook only",
        """
def normalize(v):
    return v / np.linalg.norm(v)
""",
        ("np.linalg.norm(v)", "np.sum(v)"),
        """
assert_allclose(normalize(np.array([3.0, 4.0])), [0.6, 0.8])
assert math.isclose(np.linalg.norm(normalize(np.arange(1.0, 5.0))), 1)
""",
        setup="""
import math
import numpy as np
from numpy.testing import assert_allclose
""",
    ),
    row(
        "module imported by the student only",
        """
import statistics as st
def middle(values):
    return st.median(values)
""",
        ("st.median(values)", "st.mean(values)"),
        """
assert middle([9, 1, 2]) == st.median([9, 1, 2])
""",
        comment="The test names a module by the alias that the solution happens to choose.",
    ),
    row(
        "names from an earlier test cell",
        """
def area(width, height):
    return width * height
""",
        ("width * height", "width + height"),
        """
cases = [((2, 2), 4), ((3, 5), 15)]
def run_cases(function):
    return [function(*given) == wanted for given, wanted in cases]
""",
        """
assert all(run_cases(area))
""",
    ),
    row(
        "helper function in a locked cell",
        """
def slope(x, y):
    return (y[-1] - y[0]) / (x[-1] - x[0])
""",
        ("(x[-1] - x[0])", "len(x)"),
        """
expect_close(slope([0, 2], [1, 5]), 2.0)
expect_close(slope([0, 1, 4], [0, 9, 2]), 0.5)
""",
        setup="""
def expect_close(got, wanted, tolerance=1e-6):
    assert abs(got - wanted) < tolerance, f"expected {wanted}, got {got}"
""",
    ),
    row(
        "unittest.TestCase in the test",
        """
def roman(n):
    result = ""
    for value, letters in [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]:
        while n >= value:
            result, n = result + letters, n - value
    return result
""",
        ('(4, "IV"), ', ""),
        """
import sys, unittest
class TestRoman(unittest.TestCase):
    def setUp(self):
        self.known = {1: "I", 4: "IV", 9: "IX", 14: "XIV"}
    def test_known(self):
        for n, wanted in self.known.items():
            with self.subTest(n=n):
                self.assertEqual(roman(n), wanted)
    def test_zero(self):
        self.assertEqual(roman(0), "")

suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestRoman)
result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(suite)
assert result.wasSuccessful()
""",
    ),
    row(
        "unittest.TestCase with a report on the error stream",
        """
def double(x):
    return 2 * x
""",
        ("2 * x", "x * x"),
        """
import unittest
class TestDouble(unittest.TestCase):
    def test_three(self):
        self.assertEqual(double(3), 6)

program = unittest.main(argv=[""], exit=False, defaultTest="TestDouble")
assert program.result.wasSuccessful()
""",
        stock=(False, False),
        comment="nbgrader takes anything on the error stream for a failure, and unittest's report goes there.",
    ),
    row(
        "the student's unittest.TestCase",
        """
import unittest
class TestUpper(unittest.TestCase):
    def test_upper(self):
        self.assertEqual("abc".upper(), "ABC")
    def test_empty(self):
        self.assertEqual("".upper(), "")
""",
        ("test_empty", "empty"),
        """
import sys, unittest
suite = unittest.defaultTestLoader.loadTestsFromTestCase(TestUpper)
assert issubclass(TestUpper, unittest.TestCase)
assert suite.countTestCases() >= 2, "write two tests"
assert unittest.TextTestRunner(stream=sys.stdout, verbosity=0).run(suite).wasSuccessful()
""",
        comment="Whether the student's tests pass is theirs to say: a class of theirs could claim it.",
        judged="together",
    ),
    row(
        "numpy.testing",
        """
import numpy as np
def rotate(points, angle):
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([[c, s], [-s, c]])
""",
        ("[[c, s], [-s, c]]", "[[c, -s], [s, c]]"),
        """
import numpy as np
from numpy.testing import assert_allclose, assert_array_equal
assert_allclose(rotate(np.array([[1.0, 0.0]]), np.pi / 2), [[0, 1]], atol=1e-12)
assert_array_equal(rotate(np.zeros((2, 2)), 1), np.zeros((2, 2)))
""",
    ),
    row(
        "pandas.testing",
        """
import pandas as pd
def join(people, cities):
    return people.merge(cities, on="city", how="left")
""",
        ('how="left"', 'how="inner"'),
        """
import pandas as pd
people = pd.DataFrame({"name": ["Ann", "Ben"], "city": ["Rome", "Oslo"]})
cities = pd.DataFrame({"city": ["Rome"], "country": ["Italy"]})
wanted = pd.DataFrame({"name": ["Ann", "Ben"], "city": ["Rome", "Oslo"], "country": ["Italy", None]})
pd.testing.assert_frame_equal(join(people, cities), wanted)
""",
    ),
    row(
        "numeric variable",
        """
answer = sum(n for n in range(1000) if n % 3 == 0 or n % 5 == 0)
ratio = answer / 1000
""",
        ("range(1000)", "range(1001)"),
        """
assert answer == 233168
assert isinstance(answer, int) and type(ratio) == float
assert abs(ratio - 233.168) < 1e-9
""",
    ),
    row(
        "variables of several kinds",
        """
name = "Ada"
primes = [2, 3, 5, 7]
ages = {"Ada": 36}
empty = None
""",
        ("[2, 3, 5, 7]", "(2, 3, 5, 7)"),
        """
assert type(primes) == list and primes[-1] == 7
assert name.lower() == "ada" and ages[name] == 36 and empty is None
primes.append(11)
assert len(primes) == 5
""",
    ),
    row(
        "warnings.catch_warnings",
        """
import warnings
def mean(values):
    if not values:
        warnings.warn("no values", RuntimeWarning)
        return 0
    return sum(values) / len(values)
""",
        (", RuntimeWarning", ""),
        """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    assert mean([]) == 0
assert len(caught) == 1
assert issubclass(caught[0].category, RuntimeWarning) and "no values" in str(caught[0].message)
assert mean([1, 3]) == 2
""",
    ),
    row(
        "logging captured",
        """
import logging
def transfer(amount):
    if amount > 1000:
        logging.getLogger("bank").warning("large transfer: %d", amount)
    return amount
""",
        (".warning(", ".info("),
        """
import unittest
case = unittest.TestCase()
with case.assertLogs("bank", level="WARNING") as logs:
    assert transfer(5000) == 5000
assert logs.output == ["WARNING:bank:large transfer: 5000"]
""",
    ),
    row(
        "cell magic %%capture",
        """
def report(items):
    for item in items:
        print(f"- {item}")
""",
        ('f"- {item}"', "item"),
        """
%%capture out
report(["a", "b"])
""",
        """
assert out.stdout == "- a\\n- b\\n"
""",
    ),
    row(
        "line magic %timeit",
        """
def total(n):
    return n * (n + 1) // 2
""",
        ("n * (n + 1) // 2", "n * (n - 1) // 2"),
        """
assert total(10**6) == 500000500000
t = %timeit -o -q -n 100 -r 1 total(10**6)
assert t.best < 0.05
""",
        judged="together",
    ),
    row(
        "helper of the student's replaced by the test",
        """
def price(item):
    return {"tea": 3, "cake": 5}[item]
def bill(items):
    return sum(price(item) for item in items)
""",
        ("sum(price(item) for item in items)", 'sum({"tea": 3, "cake": 5}[item] for item in items)'),
        """
assert bill(["tea", "cake"]) == 8
real_price = price
price = lambda item: 10
assert bill(["tea", "cake"]) == 20, "bill has to call price"
price = real_price
""",
        judged="together",
    ),
    row(
        "name of a built-in taken away",
        """
def total(numbers):
    result = 0
    for number in numbers:
        result += number
    return result
""",
        (
            "    result = 0\n    for number in numbers:\n        result += number\n    return result",
            "    return sum(numbers)",
        ),
        """
def sum(*_):
    raise AssertionError("write it without sum()")

assert total([1, 2, 3]) == 6
del sum
""",
        judged="together",
    ),
    row(
        "global variable set by the test, read by the student's function",
        """
rate = 0.2
def tax(amount):
    return amount * rate
""",
        ("amount * rate", "amount * 0.2"),
        """
assert tax(100) == 20
rate = 0.5
assert tax(100) == 50, "use the global variable"
""",
        judged="together",
    ),
    row(
        "'name' in globals()",
        """
height = 1.8
def bmi(weight):
    return weight / height ** 2
""",
        (
            "height = 1.8\ndef bmi(weight):\n    return weight / height ** 2",
            "def bmi(weight):\n    return weight / 1.8 ** 2",
        ),
        """
assert "bmi" in globals(), "define a function bmi"
assert "height" in globals() and globals()["height"] == 1.8
assert round(bmi(81), 1) == 25.0
assert "width" not in globals()
""",
    ),
    row(
        "'name' in dir() and locals()",
        """
x = 3
y = x ** 2
""",
        ("y = x ** 2", "z = x ** 2"),
        """
assert "x" in dir() and "y" in locals(), "define x and y"
for name, wanted in [("x", 3), ("y", 9)]:
    assert locals().get(name) == wanted
""",
    ),
    row(
        "name looked up by try and except NameError",
        """
speed = 340
""",
        ("speed", "velocity"),
        """
try:
    speed
except NameError:
    raise AssertionError("speed is not defined")
assert speed == 340
""",
    ),
    row(
        "eval of a call in a text",
        """
def square(x):
    return x * x
def cube(x):
    return x ** 3
""",
        ("x ** 3", "3 * x"),
        """
for text, wanted in {"square(4)": 16, "cube(3)": 27, "square(cube(2))": 64}.items():
    assert eval(text) == wanted, f"{text} should be {wanted}"
""",
    ),
    row(
        "time patched",
        """
import time
def stamp(message):
    return f"[{time.time():.0f}] {message}"
""",
        ("{time.time():.0f}", "{time.monotonic():.0f}"),
        """
from unittest.mock import patch
with patch("time.time", return_value=1000.4):
    assert stamp("start") == "[1000] start"
""",
        judged="together",
    ),
    row(
        "environment variable set by the test",
        """
import os
def home(user):
    return os.path.join(os.environ.get("HOMES", "/home"), user)
""",
        ('"HOMES", "/home"', '"HOME", "/home"'),
        """
import os
os.environ["HOMES"] = "/srv"
assert home("ada") == "/srv/ada"
del os.environ["HOMES"]
assert home("bob") == "/home/bob"
""",
        judged="together",
    ),
    row(
        "printed with display and rich output ignored",
        """
def show_table(rows):
    from IPython.display import HTML, display
    display(HTML("".join(f"<p>{row}</p>" for row in rows)))
    return len(rows)
""",
        ("return len(rows)", "return rows"),
        """
assert show_table(["a", "b"]) == 2
print("Success!")
""",
    ),
    row(
        "wrong answer hidden by a broad except in the test",
        """
def inverse(x):
    return 1 / x
""",
        ("1 / x", "-x"),
        """
try:
    result = inverse(4)
except Exception as error:
    print("Your function raised", error)
    result = None
assert result == 0.25, "inverse(4) should be 0.25"
""",
    ),
]
