"""Functions: handed in, handed over, kept, decorated, examined."""

from rows.row import row

FACTORIAL = """
def factorial(n):
    if n == 0:
        return 1
    return n * factorial(n - 1)
"""
LOOP = "    result = 1\n    for k in range(1, n + 1):\n        result *= k\n    return result"
RECURSION = "    if n == 0:\n        return 1\n    return n * factorial(n - 1)"

FUNCTIONS = [
    row(
        "callback handed in",
        """
def apply_twice(f, x):
    return f(f(x))
""",
        ("f(f(x))", "f(x)"),
        """
assert apply_twice(lambda x: x + 3, 7) == 13
assert apply_twice(str.upper, "a") == "A"
calls = []
apply_twice(calls.append, 1)
assert len(calls) == 2
""",
    ),
    row(
        "callback that the student's object keeps and calls later",
        """
class Button:
    def __init__(self):
        self.handlers = []
    def on_click(self, handler):
        self.handlers.append(handler)
    def click(self, *args):
        return [handler(*args) for handler in self.handlers]
""",
        ("for handler in self.handlers]", "for handler in self.handlers[:1]]"),
        """
seen = []
button = Button()
button.on_click(seen.append)
button.on_click(lambda x: x * 2)
assert button.click(4) == [None, 8]
assert seen == [4]
""",
        """
button.click(5)
assert seen == [4, 5], "handlers stay"
""",
    ),
    row(
        "callback that a function keeps in a closure",
        """
def debounce(f, times):
    count = 0
    def wrapper(*args):
        nonlocal count
        count += 1
        return f(*args) if count % times == 0 else None
    return wrapper
""",
        ("count % times == 0", "count == times"),
        """
log = []
def note(x):
    log.append(x)
    return x

third = debounce(note, 3)
assert [third(n) for n in range(7)] == [None, None, 2, None, None, 5, None]
assert log == [2, 5]
""",
    ),
    row(
        "decorator applied to the test's function",
        """
import functools
def counted(f):
    @functools.wraps(f)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return f(*args, **kwargs)
    wrapper.calls = 0
    return wrapper
""",
        ("    @functools.wraps(f)\n", ""),
        """
@counted
def add(a, b=1):
    "Adds."
    return a + b

assert add(1) == 2 and add(1, b=5) == 6
assert add.calls == 2
assert add.__name__ == "add" and add.__doc__ == "Adds."
""",
    ),
    row(
        "decorator with arguments, and errors that pass through",
        """
import functools
def retry(times):
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args):
            for attempt in range(times):
                try:
                    return f(*args)
                except ValueError:
                    if attempt == times - 1:
                        raise
        return wrapper
    return decorate
""",
        ("except ValueError:", "except Exception:"),
        """
attempts = []
@retry(3)
def unsteady(x):
    attempts.append(x)
    if len(attempts) < 3:
        raise ValueError("not yet")
    return "done"

assert unsteady(1) == "done" and attempts == [1, 1, 1]

calls = 0
@retry(2)
def broken():
    global calls
    calls += 1
    raise KeyError("always")

try:
    broken()
    assert False
except KeyError:
    assert calls == 1, "only a ValueError is retried"
""",
    ),
    row(
        "closure with state",
        """
def make_counter(start=0):
    count = start
    def counter(step=1):
        nonlocal count
        count += step
        return count
    return counter
""",
        ("count += step", "count += 1"),
        """
c, d = make_counter(), make_counter(10)
assert c() == 1 and c() == 2 and c(5) == 7
assert d() == 11, "counters are independent"
""",
    ),
    row(
        "several functions that share a closure",
        """
def account(balance):
    def deposit(amount):
        nonlocal balance
        balance += amount
        return balance
    def show():
        return balance
    return {"deposit": deposit, "show": show}
""",
        ("nonlocal balance", "balance = 100"),
        """
a, b = account(10), account(100)
assert a["deposit"](5) == 15
assert a["show"]() == 15 and b["show"]() == 100
""",
    ),
    row(
        "composition of the test's and the student's functions",
        """
def compose(*functions):
    def composed(x):
        for f in reversed(functions):
            x = f(x)
        return x
    return composed
def increment(x):
    return x + 1
""",
        ("reversed(functions)", "functions"),
        """
assert compose(increment, lambda x: 2 * x)(5) == 11
assert compose()(3) == 3
assert compose(str, increment, increment)(0) == "2"
""",
    ),
    row(
        "functools.partial returned",
        """
from functools import partial
def power(base, exponent):
    return base ** exponent
cube = partial(power, exponent=3)
def power_of(n):
    return partial(power, exponent=n)
""",
        ("cube = partial(power, exponent=3)", "cube = partial(power, 3)"),
        """
from functools import partial
assert cube(2) == 8
assert isinstance(cube, partial) and cube.keywords == {"exponent": 3} and cube.func is power
assert power_of(2)(5) == 25
""",
    ),
    row(
        "lru_cache with cache_info",
        """
from functools import lru_cache
@lru_cache(maxsize=None)
def paths(rows, columns):
    if rows == 1 or columns == 1:
        return 1
    return paths(rows - 1, columns) + paths(rows, columns - 1)
""",
        ("@lru_cache(maxsize=None)\n", ""),
        """
assert paths(3, 3) == 6
assert paths(11, 11) == 184756
assert paths.cache_info().hits > 0
paths.cache_clear()
assert paths.cache_info().currsize == 0
""",
    ),
    row(
        "attributes of a function",
        """
def greet(name):
    greet.calls += 1
    return f"Hello, {name}"
greet.calls = 0
greet.language = "en"
""",
        ("greet.calls += 1", "pass"),
        """
assert greet.calls == 0 and greet.language == "en"
greet("Ada")
greet("Bob")
assert greet.calls == 2
greet.calls = 10
greet("Cy")
assert greet.calls == 11
""",
    ),
    row(
        "__name__ and __doc__",
        '''
def area(radius):
    """Area of a circle of this radius."""
    return 3.14159 * radius ** 2
''',
        ('    """Area of a circle of this radius."""\n', ""),
        """
assert area.__name__ == "area"
assert area.__doc__ and len(area.__doc__.strip()) > 10, "write a docstring"
assert area(1) == 3.14159
""",
    ),
    row(
        "inspect.signature",
        """
def book(title, *authors, pages=0, **details):
    return {"title": title, "authors": authors, "pages": pages, **details}
""",
        ("pages=0", "pages=1"),
        """
import inspect
parameters = inspect.signature(book).parameters
assert list(parameters) == ["title", "authors", "pages", "details"]
assert parameters["pages"].default == 0
assert parameters["pages"].kind is inspect.Parameter.KEYWORD_ONLY
assert book("T", "a", "b", year=1999) == {"title": "T", "authors": ("a", "b"), "pages": 0, "year": 1999}
""",
    ),
    row(
        "type hints",
        """
from typing import Optional
def find(names: list[str], start: str) -> Optional[str]:
    return next((name for name in names if name.startswith(start)), None)
""",
        (" -> Optional[str]", ""),
        """
import typing
assert find(["ann", "bob"], "b") == "bob"
hints = typing.get_type_hints(find)
assert hints["return"] == typing.Optional[str], "say what it returns"
assert hints["names"] == list[str] and find.__annotations__["start"] is str
""",
    ),
    row(
        "inspect.getsource: no loops",
        """
def total(numbers):
    return 0 if not numbers else numbers[0] + total(numbers[1:])
""",
        (
            "    return 0 if not numbers else numbers[0] + total(numbers[1:])",
            "    result = 0\n    for n in numbers:\n        result += n\n    return result",
        ),
        """
import inspect
source = inspect.getsource(total)
assert "for " not in source and "while " not in source and "sum(" not in source, "use recursion, no loop"
assert total([1, 2, 3]) == 6
""",
    ),
    row(
        "helper in a locked cell that reads the source of the student's function",
        """
def largest(numbers):
    if len(numbers) == 1:
        return numbers[0]
    rest = largest(numbers[1:])
    return numbers[0] if numbers[0] > rest else rest
""",
        (
            "    rest = largest(numbers[1:])\n    return numbers[0] if numbers[0] > rest else rest",
            "    for number in numbers:\n        if all(number >= other for other in numbers):\n            return number",
        ),
        """
assert largest([3, 9, 4]) == 9
assert not has_loop(largest), "no loops"
""",
        setup="""
import inspect

def has_loop(function):
    return any(line.strip().startswith(("for ", "while ")) for line in inspect.getsource(function).splitlines())
""",
    ),
    row(
        "the student's function handed to another of the student's",
        """
def label(function):
    return f"{function.__name__}: {function.__doc__}"
def half(x):
    "Half of x."
    return x / 2
functions = [half]
def known(function):
    return function in functions
""",
        ("function in functions", "function not in functions"),
        """
assert label(half) == "half: Half of x."
assert known(half) and not known(label) and not known(lambda x: x / 2)
""",
    ),
    row(
        "recursion found in the source by ast",
        FACTORIAL,
        (RECURSION, LOOP),
        """
import ast, inspect, textwrap
tree = ast.parse(textwrap.dedent(inspect.getsource(factorial)))
called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
assert "factorial" in called, "factorial has to call itself"
assert factorial(5) == 120 and factorial(0) == 1
""",
    ),
    row(
        "recursion found in the code object",
        FACTORIAL,
        (RECURSION, LOOP),
        """
assert "factorial" in factorial.__code__.co_names
assert factorial.__code__.co_argcount == 1
assert factorial(6) == 720
""",
    ),
    row(
        "recursion counted by wrapping the name",
        FACTORIAL,
        (RECURSION, LOOP),
        """
count = 0
original = factorial

def factorial(n):
    global count
    count += 1
    return original(n)

assert factorial(4) == 24
assert count == 5, f"expected 5 calls, there were {count}"
factorial = original
""",
        judged="together",
    ),
    row(
        "recursion without an end",
        """
def count_down(n):
    return [] if n == 0 else [n] + count_down(n - 1)
""",
        ("n == 0", "n <= 0"),
        """
assert count_down(3) == [3, 2, 1]
try:
    count_down(-1)
    assert False, "there is no way down from -1"
except RecursionError:
    print("fine")
""",
    ),
    row(
        "lambda stored in a dict",
        """
operations = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "max": max,
}
""",
        ("a - b", "b - a"),
        """
assert operations["+"](2, 3) == 5 and operations["-"](2, 3) == -1
assert operations["max"](2, 3) == 3
assert set(operations) == {"+", "-", "max"} and all(callable(f) for f in operations.values())
""",
    ),
    row(
        "type object returned",
        """
def common_type(items):
    kinds = {type(item) for item in items}
    return kinds.pop() if len(kinds) == 1 else object
""",
        ("else object", "else None"),
        """
assert common_type([1, 2]) is int
assert common_type(["a", 1]) is object
assert common_type([[], []]) == list
""",
    ),
    row(
        "class made by a function",
        """
def make_record(*names):
    def init(self, *values):
        for name, value in zip(names, values):
            setattr(self, name, value)
    return type("Record", (), {"__init__": init, "fields": names})
""",
        ('"fields": names', '"fields": list(names)'),
        """
Point = make_record("x", "y")
p = Point(1, 2)
assert isinstance(Point, type) and isinstance(p, Point)
assert (p.x, p.y) == (1, 2) and Point.fields == ("x", "y")
""",
    ),
    row(
        "student's function as a key, in map and in filter",
        """
def digits(n):
    return sum(int(d) for d in str(n))
def is_even(n):
    return n % 2 == 0
""",
        ("n % 2 == 0", "n % 2 == 1"),
        """
from functools import reduce
assert sorted([91, 13, 200], key=digits) == [200, 13, 91]
assert list(filter(is_even, range(6))) == [0, 2, 4]
assert max([10, 9], key=digits) == 9 and [*map(digits, [12, 34])] == [3, 7]
assert reduce(lambda a, b: a + digits(b), [11, 22], 0) == 6
""",
    ),
    row(
        "error and its message",
        """
def grade(points):
    if not isinstance(points, (int, float)):
        raise TypeError("points must be a number")
    if not 0 <= points <= 100:
        raise ValueError(f"{points} is out of range")
    return "pass" if points >= 50 else "fail"
""",
        ("raise ValueError(", "raise Exception("),
        """
assert grade(50) == "pass" and grade(49.9) == "fail"
try:
    grade(101)
except ValueError as e:
    assert "101" in str(e)
else:
    raise AssertionError("did not raise an error")
try:
    grade("A")
except Exception as e:
    assert type(e) == TypeError
""",
    ),
    row(
        "async function awaited in the test",
        """
import asyncio
async def fetch(n):
    await asyncio.sleep(0)
    return n * 2
async def fetch_all(numbers):
    return await asyncio.gather(*(fetch(n) for n in numbers))
""",
        ("n * 2", "n + 2"),
        """
import asyncio, inspect
assert inspect.iscoroutinefunction(fetch)
assert await fetch(4) == 8
assert await fetch_all([1, 2, 3]) == [2, 4, 6]
assert await asyncio.wait_for(fetch(5), timeout=5) == 10
""",
    ),
    row(
        "function tested on good and bad implementations handed to it",
        """
def check_sort(sort):
    for case in ([], [3, 1, 2], [2, 2, 1]):
        given = list(case)
        if sort(given) != sorted(case) or given != case:
            return False
    return True
""",
        (" or given != case", ""),
        """
def in_place(items):
    items.sort()
    return items

def drops_doubles(items):
    return sorted(set(items))

assert check_sort(sorted)
assert not check_sort(lambda items: items)
assert not check_sort(drops_doubles)
assert not check_sort(in_place), "the argument must not change"
""",
    ),
    row(
        "student's assert-based test function, given a good and a bad implementation",
        """
def test_is_leap(is_leap):
    assert is_leap(2024)
    assert not is_leap(2023)
    assert not is_leap(1900)
    assert is_leap(2000)
""",
        ("    assert not is_leap(1900)\n", ""),
        """
test_is_leap(lambda y: y % 4 == 0 and (y % 100 != 0 or y % 400 == 0))
for bad in (lambda y: y % 4 == 0, lambda y: True, lambda y: y % 4 == 0 and y % 100 != 0):
    try:
        test_is_leap(bad)
    except AssertionError:
        continue
    raise Exception("a wrong function passes your tests")
""",
    ),
    row(
        "time measured by timeit",
        """
def unique(items):
    return list(dict.fromkeys(items))
""",
        ("list(dict.fromkeys(items))", "sorted(set(items))"),
        """
import timeit
assert unique([3, 1, 3, 2]) == [3, 1, 2]
assert timeit.timeit(lambda: unique(range(1000)), number=3) < 20
""",
    ),
]
