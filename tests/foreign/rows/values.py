"""Values that an answer returns or holds: containers, numbers, dates, arrays, tables."""

from rows.row import row

VALUES = [
    row(
        "set",
        """
def vowels(word):
    return {letter for letter in word.lower() if letter in "aeiou"}
""",
        ("word.lower()", "word"),
        """
assert vowels("Education") == {"e", "u", "a", "i", "o"}
assert vowels("rhythm") == set()
assert isinstance(vowels("a"), set)
""",
    ),
    row(
        "frozenset",
        """
def tags(text):
    return frozenset(text.split(","))
""",
        ("frozenset(", "sorted("),
        """
result = tags("red,blue,red")
assert isinstance(result, frozenset), "use a frozenset"
assert result == frozenset(["blue", "red"])
""",
    ),
    row(
        "nested sets",
        """
def pairs(names):
    return {frozenset((a, b)) for a in names for b in names if a != b}
""",
        (" if a != b", ""),
        """
assert pairs(["x", "y", "z"]) == {frozenset("xy"), frozenset("xz"), frozenset("yz")}
""",
    ),
    row(
        "dict of sets",
        """
def index(pages):
    found = {}
    for number, text in pages.items():
        for word in text.split():
            found.setdefault(word, set()).add(number)
    return found
""",
        (".add(number)", ".add(word)"),
        """
words = index({1: "tea time", 2: "tea"})
assert words["tea"] == {1, 2}
assert words == {"tea": {1, 2}, "time": {1}}
""",
    ),
    row(
        "dict with tuples as keys",
        """
def board(n):
    return {(row, column): "." for row in range(n) for column in range(n)}
""",
        ("(row, column)", "(column * n + row)"),
        """
assert board(2) == {(0, 0): ".", (0, 1): ".", (1, 0): ".", (1, 1): "."}
assert (2, 0) not in board(2)
""",
    ),
    row(
        "Counter",
        """
from collections import Counter
def letters(text):
    return Counter(letter for letter in text.lower() if letter.isalpha())
""",
        (" if letter.isalpha()", ""),
        """
from collections import Counter
counts = letters("A man, a plan")
assert isinstance(counts, Counter)
assert counts.most_common(1) == [("a", 4)]
assert counts["z"] == 0 and sum(counts.values()) == 9
""",
    ),
    row(
        "defaultdict",
        """
from collections import defaultdict
def by_length(words):
    groups = defaultdict(list)
    for word in words:
        groups[len(word)].append(word)
    return groups
""",
        ("len(word)", "word[0]"),
        """
groups = by_length(["to", "tea", "at"])
assert groups == {2: ["to", "at"], 3: ["tea"]}
assert groups[7] == [], "a missing length has an empty list"
""",
    ),
    row(
        "deque",
        """
from collections import deque
def last(items, n):
    return deque(items, maxlen=n)
""",
        ("maxlen=n", "maxlen=n + 1"),
        """
from collections import deque
kept = last(range(10), 3)
assert isinstance(kept, deque)
assert list(kept) == [7, 8, 9] and kept.maxlen == 3
kept.append(10)
assert kept[0] == 8
""",
    ),
    row(
        "OrderedDict",
        """
from collections import OrderedDict
def ranked(scores):
    return OrderedDict(sorted(scores.items(), key=lambda pair: -pair[1]))
""",
        ("-pair[1]", "pair[1]"),
        """
from collections import OrderedDict
result = ranked({"a": 1, "b": 3, "c": 2})
assert type(result) is OrderedDict
assert list(result) == ["b", "c", "a"]
assert result == OrderedDict([("b", 3), ("c", 2), ("a", 1)])
""",
    ),
    row(
        "namedtuple",
        """
from collections import namedtuple
Point = namedtuple("Point", ["x", "y"])
def middle(p, q):
    return Point((p.x + q.x) / 2, (p.y + q.y) / 2)
""",
        ("(p.y + q.y) / 2", "p.y"),
        """
center = middle(Point(0, 0), Point(2, 4))
assert center.x == 1 and center.y == 2
assert center == (1, 2)
assert Point._fields == ("x", "y")
x, y = center
""",
    ),
    row(
        "typing.NamedTuple with a default",
        """
from typing import NamedTuple
class Book(NamedTuple):
    title: str
    pages: int = 100
""",
        ("pages: int = 100", "pages: int = 1"),
        """
assert Book("Emma").pages == 100
assert Book("Emma", 400) == ("Emma", 400)
assert Book("Emma", 400)._replace(pages=1).pages == 1
""",
    ),
    row(
        "Decimal",
        """
from decimal import Decimal, ROUND_HALF_UP
def with_tax(price, rate):
    return (Decimal(price) * (1 + Decimal(rate))).quantize(Decimal("0.01"), ROUND_HALF_UP)
""",
        ("(1 + Decimal(rate))", "Decimal(rate)"),
        """
from decimal import Decimal
assert with_tax("9.99", "0.07") == Decimal("10.69")
assert isinstance(with_tax("1", "0.5"), Decimal)
""",
    ),
    row(
        "Fraction",
        """
from fractions import Fraction
def harmonic(n):
    return sum((Fraction(1, k) for k in range(1, n + 1)), Fraction(0))
""",
        ("Fraction(1, k)", "1 / k"),
        """
from fractions import Fraction
assert harmonic(4) == Fraction(25, 12)
assert harmonic(4).denominator == 12
assert harmonic(0) == 0
""",
    ),
    row(
        "complex",
        """
import cmath
def roots(a, b, c):
    d = cmath.sqrt(b * b - 4 * a * c)
    return (-b + d) / (2 * a), (-b - d) / (2 * a)
""",
        ("(-b - d) / (2 * a)", "(-b + d) / (2 * a)"),
        """
first, second = roots(1, 0, 1)
assert abs(first - 1j) < 1e-9 and abs(second + 1j) < 1e-9
assert first.imag == 1.0
""",
    ),
    row(
        "date",
        """
from datetime import date, timedelta
def next_friday(day):
    return day + timedelta(days=(4 - day.weekday()) % 7 or 7)
""",
        (" or 7", ""),
        """
import datetime
assert next_friday(datetime.date(2024, 2, 29)) == datetime.date(2024, 3, 1)
assert next_friday(datetime.date(2024, 3, 1)) == datetime.date(2024, 3, 8)
""",
    ),
    row(
        "datetime with a time zone",
        """
from datetime import timezone
from zoneinfo import ZoneInfo
def in_utc(moment):
    return moment.astimezone(timezone.utc)
""",
        ("moment.astimezone(timezone.utc)", "moment.replace(tzinfo=timezone.utc)"),
        """
from datetime import datetime, timedelta, timezone
noon = datetime(2024, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
assert in_utc(noon) == datetime(2024, 1, 1, 10, tzinfo=timezone.utc)
assert in_utc(noon).hour == 10 and in_utc(noon).utcoffset() == timedelta(0)
""",
    ),
    row(
        "timedelta",
        """
from datetime import timedelta
def total(times):
    return sum((timedelta(minutes=m, seconds=s) for m, s in times), timedelta())
""",
        ("minutes=m, seconds=s", "minutes=s, seconds=m"),
        """
from datetime import timedelta
assert total([(1, 30), (2, 45)]) == timedelta(minutes=4, seconds=15)
assert total([(0, 59)]).total_seconds() == 59
""",
    ),
    row(
        "bytes and bytearray",
        """
def xor(data, key):
    return bytes(byte ^ key for byte in data)
def padded(data, size):
    return bytearray(data) + bytearray(size - len(data))
""",
        ("byte ^ key", "byte & key"),
        """
assert xor(b"abc", 1) == b"`cb"
assert xor(xor(b"secret", 42), 42) == b"secret"
assert type(padded(b"ab", 4)) is bytearray and padded(b"ab", 4) == b"ab\\x00\\x00"
""",
    ),
    row(
        "range",
        """
def evens(n):
    return range(0, n, 2)
""",
        ("range(0, n, 2)", "list(range(0, n, 2))"),
        """
assert isinstance(evens(9), range), "do not build a list"
assert list(evens(9)) == [0, 2, 4, 6, 8]
assert len(evens(10**12)) == 5 * 10**11
""",
        judged="together",
    ),
    row(
        "generator",
        """
def countdown(n):
    while n > 0:
        yield n
        n -= 1
""",
        ("n > 0", "n >= 0"),
        """
import types
g = countdown(3)
assert isinstance(g, types.GeneratorType)
assert next(g) == 3
assert list(g) == [2, 1]
try:
    next(g)
    assert False, "should be exhausted"
except StopIteration:
    pass
""",
    ),
    row(
        "generator that receives values",
        """
def averager():
    total, count, mean = 0, 0, None
    while True:
        total += yield mean
        count += 1
        mean = total / count
""",
        ("total / count", "total"),
        """
a = averager()
next(a)
assert a.send(10) == 10
assert a.send(20) == 15
a.close()
""",
    ),
    row(
        "endless generator with islice",
        """
def fibonacci():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
""",
        ("yield a", "yield b"),
        """
from itertools import islice, takewhile
assert list(islice(fibonacci(), 8)) == [0, 1, 1, 2, 3, 5, 8, 13]
assert sum(takewhile(lambda x: x < 30, fibonacci())) == 54
""",
    ),
    row(
        "zip, map and dict views",
        """
def paired(a, b):
    return zip(a, b)
def names(d):
    return d.keys()
""",
        ("d.keys()", "d.values()"),
        """
assert list(paired([1, 2], "ab")) == [(1, "a"), (2, "b")]
assert set(names({"x": 1, "y": 2})) == {"x", "y"} and "x" in names({"x": 1})
assert dict(paired("ab", [1, 2])) == {"a": 1, "b": 2}
""",
    ),
    row(
        "regular expression match",
        r"""
import re
def find_time(text):
    return re.search(r"(?P<hour>\d\d?):(?P<minute>\d\d)", text)
""",
        (r"\d\d?", r"\d"),
        """
match = find_time("The train leaves at 17:05.")
assert match is not None
assert match.group("hour") == "17" and match.group(2) == "05"
assert match.group() == "17:05"
assert find_time("no time") is None
""",
    ),
    row(
        "compiled regular expression",
        r"""
import re
zip_code = re.compile(r"^\d{5}(-\d{4})?$")
""",
        (r"(-\d{4})?", ""),
        """
assert zip_code.match("12345") and zip_code.match("12345-6789")
assert not zip_code.match("1234")
""",
    ),
    row(
        "pathlib.Path",
        """
from pathlib import Path
def backup(path):
    return Path(path).with_suffix(".bak")
""",
        (".with_suffix(", ".joinpath("),
        """
from pathlib import Path
assert backup("notes/today.txt") == Path("notes/today.bak")
assert backup("a.txt").suffix == ".bak"
""",
    ),
    row(
        "NumPy scalar",
        """
import numpy as np
def spread(values):
    return np.asarray(values, float).std(ddof=1)
""",
        ("ddof=1", ""),
        """
import numpy as np
s = spread([1, 2, 3, 4])
assert np.isscalar(s) and isinstance(s, float)
assert round(s, 3) == 1.291
""",
    ),
    row(
        "string array",
        """
import numpy as np
def initials(names):
    return np.array([name[0].upper() for name in names])
""",
        (".upper()", ""),
        """
import numpy as np
result = initials(["ada", "bob"])
assert result.dtype.kind == "U" and result.shape == (2,)
assert (result == np.array(["A", "B"])).all()
""",
    ),
    row(
        "datetime array",
        """
import numpy as np
def week(start):
    return np.datetime64(start) + np.arange(7)
""",
        ("np.arange(7)", "np.arange(1, 8)"),
        """
import numpy as np
days = week("2024-02-26")
assert days.dtype == "datetime64[D]"
assert days[3] == np.datetime64("2024-02-29")
assert (np.diff(days) == np.timedelta64(1, "D")).all()
""",
    ),
    row(
        "structured array",
        """
import numpy as np
def table(names, ages):
    return np.array(list(zip(names, ages)), dtype=[("name", "U10"), ("age", "i4")])
""",
        ("zip(names, ages)", "zip(names, sorted(ages))"),
        """
import numpy as np
people = table(["Ada", "Bob"], [36, 25])
assert people.dtype.names == ("name", "age")
assert people["age"].mean() == 30.5
assert people[people["age"] > 30]["name"][0] == "Ada"
""",
    ),
    row(
        "masked array",
        """
import numpy as np
def clean(values):
    return np.ma.masked_less(values, 0)
""",
        ("np.ma.masked_less(values, 0)", "np.ma.masked_array(values)"),
        """
import numpy as np
result = clean(np.array([1.0, -999.0, 3.0]))
assert isinstance(result, np.ma.MaskedArray)
assert result.mean() == 2.0
assert result.mask.tolist() == [False, True, False] and result.count() == 2
""",
    ),
    row(
        "sparse matrix",
        """
import numpy as np
from scipy import sparse
def laplacian(n):
    return sparse.diags([-np.ones(n - 1), 2 * np.ones(n), -np.ones(n - 1)], [-1, 0, 1], format="csr")
""",
        ("2 * np.ones(n)", "np.ones(n)"),
        """
import numpy as np
from scipy import sparse
L = laplacian(4)
assert sparse.issparse(L) and L.format == "csr"
assert L.nnz == 10
np.testing.assert_array_equal(L.toarray()[0], [2, -1, 0, 0])
np.testing.assert_allclose(L @ np.ones(4), [1, 0, 0, 1])
""",
    ),
    row(
        "Series",
        """
import pandas as pd
def temperatures(celsius):
    return pd.Series(celsius) * 9 / 5 + 32
""",
        (" + 32", ""),
        """
import pandas as pd
f = temperatures({"Oslo": 0, "Rome": 20})
assert isinstance(f, pd.Series)
assert f["Rome"] == 68 and list(f.index) == ["Oslo", "Rome"]
pd.testing.assert_series_equal(f, pd.Series({"Oslo": 32.0, "Rome": 68.0}))
""",
    ),
    row(
        "DataFrame",
        """
import pandas as pd
def add_total(frame):
    return frame.assign(total=frame["price"] * frame["count"])
""",
        ('frame["price"] * frame["count"]', 'frame["price"] + frame["count"]'),
        """
import pandas as pd
frame = pd.DataFrame({"item": ["pen", "cup"], "price": [1.5, 4.0], "count": [10, 2]})
result = add_total(frame)
assert list(result.columns) == ["item", "price", "count", "total"]
assert result.loc[0, "total"] == 15
assert result.shape == (2, 4) and "total" not in frame.columns
""",
    ),
    row(
        "DataFrame in a variable, from a file",
        """
import pandas as pd
df = pd.read_csv("cities.csv").dropna().reset_index(drop=True)
""",
        (".dropna()", ""),
        """
assert len(df) == 2
assert df["people"].sum() == 3_300_000
assert df.isna().sum().sum() == 0
assert df[df.city == "Rome"].people.iloc[0] == 2800000
""",
        files={"cities.csv": "city,people\nRome,2800000\nOslo,\nBern,500000\n"},
    ),
    row(
        "DataFrame with dates and categories",
        """
import pandas as pd
def tidy(rows):
    frame = pd.DataFrame(rows, columns=["day", "size"])
    frame["day"] = pd.to_datetime(frame["day"])
    frame["size"] = frame["size"].astype("category")
    return frame.set_index("day")
""",
        ('.astype("category")', ".str.upper()"),
        """
import pandas as pd
result = tidy([("2024-01-05", "S"), ("2024-02-01", "L")])
assert isinstance(result.index, pd.DatetimeIndex)
assert result["size"].dtype == "category"
assert result.loc["2024-01", "size"].tolist() == ["S"]
assert result.index.month.tolist() == [1, 2]
""",
    ),
    row(
        "groupby result",
        """
import pandas as pd
def means(frame):
    return frame.groupby("team")["points"].mean()
""",
        (".mean()", ".max()"),
        """
import pandas as pd
frame = pd.DataFrame({"team": ["a", "b", "a"], "points": [1, 5, 3]})
result = means(frame)
assert result.loc["a"] == 2
assert result.to_dict() == {"a": 2.0, "b": 5.0}
assert result.index.name == "team"
""",
    ),
    row(
        "table with two levels of index",
        """
import pandas as pd
def summary(frame):
    return frame.groupby(["year", "city"]).agg({"sales": ["sum", "count"]})
""",
        ('["sum", "count"]', '["mean", "count"]'),
        """
import pandas as pd
frame = pd.DataFrame({"year": [1, 1, 2], "city": ["x", "x", "y"], "sales": [10, 20, 5]})
result = summary(frame)
assert result.index.nlevels == 2
assert result.loc[(1, "x"), ("sales", "sum")] == 30
""",
    ),
    row(
        "pandas Timestamp",
        """
import pandas as pd
def latest(frame):
    return pd.to_datetime(frame["when"]).max()
""",
        (".max()", ".min()"),
        """
import pandas as pd
when = latest(pd.DataFrame({"when": ["2024-01-05", "2023-12-24"]}))
assert when == pd.Timestamp("2024-01-05") and when.year == 2024
""",
    ),
    row(
        "figure",
        """
import matplotlib.pyplot as plt
def draw(x, y):
    fig, ax = plt.subplots(figsize=(6, 3))
    ax.plot(x, y)
    ax.set_title("Growth")
    return fig
""",
        ('ax.set_title("Growth")', 'ax.set_xlabel("Growth")'),
        """
fig = draw([1, 2, 3], [1, 4, 9])
assert len(fig.axes) == 1
assert fig.axes[0].get_title() == "Growth"
assert list(fig.get_size_inches()) == [6, 3]
""",
    ),
    row(
        "axes with lines, labels and a legend",
        """
import matplotlib.pyplot as plt
import numpy as np
def waves():
    x = np.linspace(0, 1, 50)
    fig, ax = plt.subplots()
    ax.plot(x, np.sin(x), "r--", label="sin")
    ax.plot(x, np.cos(x), label="cos")
    ax.set(xlabel="x", ylabel="y", ylim=(-1, 1))
    ax.legend()
    return ax
""",
        ("np.cos(x), label", "np.sin(x), label"),
        """
import numpy as np
ax = waves()
first, second = ax.lines
assert first.get_label() == "sin" and first.get_linestyle() == "--" and first.get_color() == "r"
np.testing.assert_allclose(second.get_ydata(), np.cos(second.get_xdata()))
assert ax.get_xlabel() == "x" and ax.get_ylabel() == "y" and ax.get_ylim() == (-1, 1)
assert [text.get_text() for text in ax.get_legend().get_texts()] == ["sin", "cos"]
""",
    ),
    row(
        "plt.gca() after a call",
        """
import matplotlib.pyplot as plt
def plot_squares(n):
    plt.figure()
    plt.plot(range(n), [k * k for k in range(n)])
    plt.xlabel("k")
    plt.grid(True)
""",
        ('plt.xlabel("k")', 'plt.ylabel("k")'),
        """
import matplotlib.pyplot as plt
plot_squares(5)
ax = plt.gca()
assert len(ax.get_lines()) == 1
assert ax.get_lines()[0].get_ydata().tolist() == [0, 1, 4, 9, 16]
assert ax.get_xlabel() == "k"
plt.close("all")
""",
    ),
    row(
        "plt.gcf() after a call, several axes",
        """
import matplotlib.pyplot as plt
def panels(data):
    plt.figure()
    for place, values in enumerate(data):
        plt.subplot(1, len(data), place + 1)
        plt.plot(values)
    plt.suptitle("All")
""",
        ("plt.subplot(1, len(data), place + 1)", "pass"),
        """
import matplotlib.pyplot as plt
panels([[1, 2], [3, 4], [5, 6]])
fig = plt.gcf()
assert len(fig.axes) == 3
assert list(fig.axes[2].lines[0].get_ydata()) == [5, 6]
plt.close(fig)
""",
    ),
    row(
        "image",
        """
import matplotlib.pyplot as plt
def show(picture):
    fig, ax = plt.subplots()
    ax.imshow(picture, cmap="gray")
    ax.axis("off")
    return ax
""",
        ("imshow(picture,", "imshow(picture.T,"),
        """
import numpy as np
picture = np.arange(6).reshape(2, 3)
ax = show(picture)
assert len(ax.images) == 1
np.testing.assert_array_equal(ax.images[0].get_array(), picture)
assert ax.images[0].get_cmap().name == "gray"
""",
    ),
    row(
        "bar chart",
        """
import matplotlib.pyplot as plt
def bars(counts):
    fig, ax = plt.subplots()
    ax.bar(list(counts), list(counts.values()))
    ax.set_ylabel("votes")
    return fig, ax
""",
        ("list(counts.values())", "sorted(counts.values())"),
        """
fig, ax = bars({"yes": 5, "no": 3})
heights = [bar.get_height() for bar in ax.patches]
assert heights == [5, 3], heights
assert [t.get_text() for t in ax.get_xticklabels()] == ["yes", "no"]
""",
    ),
    row(
        "histogram",
        """
import matplotlib.pyplot as plt
def histogram(values, bins):
    fig, ax = plt.subplots()
    ax.hist(values, bins=bins)
    return ax
""",
        ("bins=bins", "bins=10"),
        """
ax = histogram([1, 1, 2, 5], [0, 2, 4, 6])
assert [p.get_height() for p in ax.patches] == [2, 1, 1]
assert len(ax.patches) == 3
""",
    ),
    row(
        "scatter plot on a logarithmic scale",
        """
import matplotlib.pyplot as plt
def scatter(x, y):
    fig, ax = plt.subplots()
    ax.scatter(x, y, alpha=0.5)
    ax.set_xscale("log")
    return ax
""",
        ("set_xscale", "set_yscale"),
        """
import numpy as np
ax = scatter([1, 10, 100], [3, 2, 1])
assert ax.get_xscale() == "log"
np.testing.assert_array_equal(ax.collections[0].get_offsets(), [[1, 3], [10, 2], [100, 1]])
""",
    ),
    row(
        "list handed over and changed in place",
        """
def double_all(numbers):
    for place in range(len(numbers)):
        numbers[place] *= 2
""",
        ("numbers[place] *= 2", "numbers = [2 * number for number in numbers]"),
        """
numbers = [1, 2, 3]
assert double_all(numbers) is None
assert numbers == [2, 4, 6], f"the list is {numbers}"
""",
    ),
    row(
        "the same list returned",
        """
def push(item, stack=None):
    stack = [] if stack is None else stack
    stack.append(item)
    return stack
""",
        ("stack = [] if stack is None else stack", "stack = list(stack or [])"),
        """
mine = [1]
assert push(2, mine) is mine
assert push(1) == [1] and push(2) == [2], "no default list that is kept"
""",
    ),
    row(
        "a value that equals everything",
        """
class Anything:
    def __eq__(self, other):
        return True
def answer():
    return 42
""",
        ("return 42", "return Anything()"),
        """
assert answer() == 42
""",
        stock=(True, True),
        comment="Plain nbgrader asks the student's object whether it equals 42; a right answer is a number.",
    ),
]
