"""The student's own classes and their instances."""

from rows.row import row

VECTOR = """
class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)
    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y)
    def __mul__(self, k):
        return Vector(self.x * k, self.y * k)
    __rmul__ = __mul__
    def __neg__(self):
        return self * -1
    def __eq__(self, other):
        return (self.x, self.y) == (other.x, other.y)
    def __abs__(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5
    def __repr__(self):
        return f"Vector({self.x}, {self.y})"
"""

STACK = """
class Stack:
    def __init__(self):
        self.items = []
    def push(self, item):
        self.items.append(item)
    def pop(self):
        if not self.items:
            raise IndexError("pop from an empty stack")
        return self.items.pop()
    def is_empty(self):
        return len(self.items) == 0
"""

OBJECTS = [
    row(
        "class with attributes and methods",
        """
class Dog:
    def __init__(self, name, age=0):
        self.name = name
        self.age = age
    def birthday(self):
        self.age += 1
""",
        ("self.age += 1", "self.age = 1"),
        """
rex = Dog("Rex", 3)
assert rex.name == "Rex" and rex.age == 3
rex.birthday()
assert rex.age == 4, f"Rex is {rex.age}"
assert Dog("Pup").age == 0
assert hasattr(rex, "birthday") and not hasattr(rex, "meow")
""",
    ),
    row(
        "attribute set by the test",
        """
class Box:
    def __init__(self, side):
        self.side = side
    def volume(self):
        return self.side ** 3
""",
        ("return self.side ** 3", "return self._volume"),
        """
box = Box(2)
box.side = 3
assert box.volume() == 27, "the volume follows the side"
""",
    ),
    row(
        "class with operators",
        VECTOR,
        ("self.y - other.y", "other.y - self.y"),
        """
a, b = Vector(1, 2), Vector(3, -4)
assert a + b == Vector(4, -2)
assert a - b == Vector(-2, 6)
assert 2 * a == a * 2 == Vector(2, 4)
assert abs(b) == 5.0 and -a == Vector(-1, -2)
""",
    ),
    row(
        "repr and str",
        VECTOR,
        ('f"Vector({self.x}, {self.y})"', 'f"({self.x}, {self.y})"'),
        """
assert repr(Vector(1, 2)) == "Vector(1, 2)"
assert str(Vector(0, -1)) == "Vector(0, -1)"
assert f"{Vector(1, 2)}" == "Vector(1, 2)" and str([Vector(1, 2)]) == "[Vector(1, 2)]"
""",
    ),
    row(
        "operator that the class lacks or refuses",
        """
class Money:
    def __init__(self, amount, currency):
        self.amount, self.currency = amount, currency
    def __add__(self, other):
        if not isinstance(other, Money):
            return NotImplemented
        if self.currency != other.currency:
            raise ValueError("currencies differ")
        return Money(self.amount + other.amount, self.currency)
""",
        ('raise ValueError("currencies differ")', "pass"),
        """
assert (Money(1, "EUR") + Money(2, "EUR")).amount == 3
for other, error in [(Money(1, "USD"), ValueError), (5, TypeError)]:
    try:
        Money(1, "EUR") + other
    except error:
        pass
    else:
        raise AssertionError(f"expected {error.__name__}")
try:
    Money(1, "EUR") * 2
    raise AssertionError("no multiplication was asked for")
except TypeError:
    pass
""",
    ),
    row(
        "in-place operator and comparison",
        """
from functools import total_ordering
@total_ordering
class Score:
    def __init__(self, points):
        self.points = points
    def __iadd__(self, more):
        self.points += more
        return self
    def __eq__(self, other):
        return self.points == other.points
    def __lt__(self, other):
        return self.points < other.points
""",
        ("self.points < other.points", "self.points > other.points"),
        """
score = Score(1)
same = score
score += 4
assert score.points == 5 and same is score
assert Score(1) < Score(2) <= Score(2) and Score(3) >= Score(2)
assert max([Score(1), Score(7), Score(3)]).points == 7
assert Score(2) != Score(3)
""",
    ),
    row(
        "class with __len__, __getitem__, __contains__ and __iter__",
        """
class Playlist:
    def __init__(self, *songs):
        self._songs = list(songs)
    def __len__(self):
        return len(self._songs)
    def __getitem__(self, place):
        return self._songs[place]
    def __setitem__(self, place, song):
        self._songs[place] = song
    def __contains__(self, song):
        return song.lower() in [s.lower() for s in self._songs]
    def __iter__(self):
        return iter(sorted(self._songs))
""",
        ("iter(sorted(self._songs))", "iter(self._songs)"),
        """
p = Playlist("Yesterday", "Help")
assert len(p) == 2 and bool(p) and not Playlist()
assert p[0] == "Yesterday" and p[-1] == "Help" and p[0:1] == ["Yesterday"]
assert "HELP" in p and "Let it be" not in p
assert list(p) == ["Help", "Yesterday"]
assert [song for song in p] == ["Help", "Yesterday"]
p[0] = "Girl"
first, second = p
assert first == "Girl"
try:
    p[5]
    assert False
except IndexError:
    pass
""",
    ),
    row(
        "class with __call__",
        """
class Polynomial:
    def __init__(self, *coefficients):
        self.coefficients = coefficients
    def __call__(self, x):
        return sum(c * x ** n for n, c in enumerate(self.coefficients))
""",
        ("enumerate(self.coefficients)", "enumerate(self.coefficients, 1)"),
        """
p = Polynomial(1, 0, 2)
assert callable(p)
assert p(3) == 19
assert list(map(p, [0, 1])) == [1, 3]
""",
    ),
    row(
        "iterator class",
        """
class Collatz:
    def __init__(self, n):
        self.n = n
    def __iter__(self):
        return self
    def __next__(self):
        if self.n is None:
            raise StopIteration
        value = self.n
        self.n = None if value == 1 else 3 * value + 1 if value % 2 else value // 2
        return value
""",
        ("None if value == 1 else ", "None if value == 2 else "),
        """
it = Collatz(6)
assert iter(it) is it
assert next(it) == 6
assert list(it) == [3, 10, 5, 16, 8, 4, 2, 1]
for _ in it:
    assert False, "the iterator should be exhausted"
""",
    ),
    row(
        "context manager",
        """
class Tag:
    def __init__(self, name, out):
        self.name, self.out = name, out
    def __enter__(self):
        self.out.append(f"<{self.name}>")
        return self
    def __exit__(self, kind, error, trace):
        self.out.append(f"</{self.name}>")
        return kind is KeyError
""",
        ("return kind is KeyError", "return True"),
        """
out = []
with Tag("b", out) as tag:
    out.append("bold")
    assert tag.name == "b"
assert out == ["<b>", "bold", "</b>"]
with Tag("i", out):
    raise KeyError("swallowed")
try:
    with Tag("i", out):
        raise ValueError("not swallowed")
except ValueError:
    pass
else:
    assert False, "only a KeyError is swallowed"
""",
    ),
    row(
        "context manager of contextlib",
        """
from contextlib import contextmanager
@contextmanager
def pushed(stack, item):
    stack.append(item)
    try:
        yield len(stack)
    finally:
        stack.pop()
""",
        ("stack.pop()", "pass"),
        """
stack = ["a"]
with pushed(stack, "b") as size:
    assert size == 2
    assert stack == ["a", "b"]
assert stack == ["a"]
""",
    ),
    row(
        "property with a setter",
        """
class Circle:
    def __init__(self, radius):
        self.radius = radius
    @property
    def radius(self):
        return self._radius
    @radius.setter
    def radius(self, value):
        if value < 0:
            raise ValueError("negative radius")
        self._radius = value
    @property
    def area(self):
        return 3.14159 * self._radius ** 2
""",
        ("if value < 0:", "if value is None:"),
        """
c = Circle(2)
assert abs(c.area - 12.56636) < 1e-6
c.radius = 1
assert abs(c.area - 3.14159) < 1e-6
try:
    c.radius = -1
    assert False, "a negative radius should be refused"
except ValueError as error:
    assert "negative" in str(error)
try:
    c.area = 5
    assert False, "the area cannot be set"
except AttributeError:
    pass
assert isinstance(Circle.area, property)
""",
    ),
    row(
        "class attribute that counts",
        """
class Ticket:
    sold = 0
    def __init__(self):
        Ticket.sold += 1
        self.number = Ticket.sold
""",
        ("Ticket.sold += 1", "self.sold += 1"),
        """
before = Ticket.sold
first, second = Ticket(), Ticket()
assert second.number == first.number + 1
assert Ticket.sold == before + 2
""",
    ),
    row(
        "static method and class method",
        """
class Temperature:
    def __init__(self, celsius):
        self.celsius = celsius
    @classmethod
    def from_fahrenheit(cls, f):
        return cls(Temperature.convert(f))
    @staticmethod
    def convert(f):
        return (f - 32) * 5 / 9
""",
        ("return cls(", "return ("),
        """
assert Temperature.convert(212) == 100
t = Temperature.from_fahrenheit(32)
assert isinstance(t, Temperature) and t.celsius == 0
""",
    ),
    row(
        "inheritance, isinstance and issubclass",
        """
class Animal:
    def __init__(self, name):
        self.name = name
    def speak(self):
        return f"{self.name} says {self.sound()}"
class Cat(Animal):
    def sound(self):
        return "meow"
class Cow(Animal):
    def sound(self):
        return "moo"
""",
        ("class Cow(Animal):", "class Cow(Cat):"),
        """
zoo = [Cat("Tom"), Cow("Bella")]
assert all(isinstance(animal, Animal) for animal in zoo)
assert [animal.speak() for animal in zoo] == ["Tom says meow", "Bella says moo"]
assert issubclass(Cow, Animal) and not issubclass(Cow, Cat)
assert not isinstance(zoo[1], Cat) and not isinstance("Tom", Animal)
assert Cow.__bases__ == (Animal,) and Cat.__mro__[1] is Animal
""",
    ),
    row(
        "abstract base class",
        """
from abc import ABC, abstractmethod
class Shape(ABC):
    @abstractmethod
    def area(self):
        ...
class Square(Shape):
    def __init__(self, side):
        self.side = side
    def area(self):
        return self.side ** 2
""",
        ("    @abstractmethod\n", ""),
        """
assert isinstance(Square(3), Shape) and Square(3).area() == 9
try:
    Shape()
except TypeError:
    pass
else:
    assert False, "Shape is abstract"
""",
    ),
    row(
        "isinstance of a standard abstract base",
        """
class Squares:
    def __init__(self, n):
        self.n = n
    def __len__(self):
        return self.n
    def __iter__(self):
        return (k * k for k in range(self.n))
    def __contains__(self, value):
        return value in list(self)
""",
        ("__contains__", "contains"),
        """
from collections.abc import Collection, Iterable, Sized
s = Squares(4)
assert isinstance(s, Iterable) and isinstance(s, Sized)
assert isinstance(s, Collection), "it needs __len__, __iter__ and __contains__"
assert sorted(s, reverse=True) == [9, 4, 1, 0] and sum(s) == 14
""",
    ),
    row(
        "own exception class, pytest.raises",
        """
class InsufficientFunds(Exception):
    def __init__(self, missing):
        super().__init__(f"{missing} missing")
        self.missing = missing
class Account:
    def __init__(self, balance=0):
        self.balance = balance
    def withdraw(self, amount):
        if amount > self.balance:
            raise InsufficientFunds(amount - self.balance)
        self.balance -= amount
""",
        ("raise InsufficientFunds(amount - self.balance)", "raise InsufficientFunds(amount)"),
        """
import pytest
with pytest.raises(InsufficientFunds) as caught:
    Account(10).withdraw(25)
assert caught.value.missing == 15
with pytest.raises(InsufficientFunds, match="1 missing"):
    Account().withdraw(1)
assert issubclass(InsufficientFunds, Exception)
""",
    ),
    row(
        "own exception class, try and except",
        """
class EmptyQueue(LookupError):
    pass
class Queue:
    def __init__(self):
        self.items = []
    def get(self):
        if not self.items:
            raise EmptyQueue("nothing to get")
        return self.items.pop(0)
""",
        ('raise EmptyQueue("nothing to get")', "return None"),
        """
try:
    Queue().get()
    raised = False
except EmptyQueue as e:
    raised = True
    assert e.args == ("nothing to get",)
assert raised, "EmptyQueue should be raised"
try:
    Queue().get()
except LookupError as e:
    assert type(e) is EmptyQueue and type(e).__name__ == "EmptyQueue"
""",
    ),
    row(
        "exception with a cause",
        """
class ConfigError(Exception):
    pass
def load(settings, key):
    try:
        return settings[key]
    except KeyError as error:
        raise ConfigError(f"no {key}") from error
""",
        (" from error", " from None"),
        """
try:
    load({}, "port")
    assert False, "nothing was raised"
except ConfigError as error:
    assert isinstance(error.__cause__, KeyError)
    assert "port" in str(error)
""",
    ),
    row(
        "dataclass equality, repr and order",
        """
from dataclasses import dataclass, field
@dataclass(order=True)
class Task:
    priority: int
    title: str = field(compare=False)
    tags: list = field(default_factory=list, compare=False)
""",
        ("title: str = field(compare=False)", "title: str"),
        """
assert Task(1, "a") == Task(1, "b"), "only the priority counts"
assert repr(Task(2, "c")) == "Task(priority=2, title='c', tags=[])"
assert sorted([Task(3, "x"), Task(1, "y")])[0].title == "y"
one, two = Task(1, "a"), Task(1, "b")
one.tags.append("new")
assert two.tags == [] and one.tags == ["new"]
""",
    ),
    row(
        "dataclass examined with the dataclasses module",
        """
from dataclasses import dataclass
@dataclass(frozen=True)
class Coin:
    value: float
    currency: str = "EUR"
""",
        ("(frozen=True)", ""),
        """
import dataclasses
assert dataclasses.is_dataclass(Coin)
assert [f.name for f in dataclasses.fields(Coin)] == ["value", "currency"]
assert dataclasses.asdict(Coin(2.0)) == {"value": 2.0, "currency": "EUR"}
try:
    Coin(1.0).value = 5
    assert False, "a coin is immutable"
except dataclasses.FrozenInstanceError:
    pass
""",
    ),
    row(
        "enum of the student's",
        """
from enum import Enum
class Color(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3
def mix(a, b):
    return {frozenset([Color.RED, Color.GREEN]): "yellow"}.get(frozenset([a, b]), "?")
""",
        ("GREEN = 2", "GREEN = 1"),
        """
assert Color.GREEN.value == 2 and Color.RED.name == "RED"
assert Color(3) is Color.BLUE and Color["RED"] == Color.RED
assert len(Color) == 3 and [c.name for c in Color] == ["RED", "GREEN", "BLUE"]
assert mix(Color.GREEN, Color.RED) == "yellow"
assert isinstance(Color.RED, Color) and Color.RED != Color.BLUE
""",
    ),
    row(
        "hash and membership in a set of the test's",
        """
class Card:
    def __init__(self, rank, suit):
        self.rank, self.suit = rank, suit
    def __eq__(self, other):
        return (self.rank, self.suit) == (other.rank, other.suit)
    def __hash__(self):
        return hash((self.rank, self.suit))
""",
        ("hash((self.rank, self.suit))", "id(self)"),
        """
hand = {Card(7, "hearts"), Card(7, "hearts"), Card(8, "spades")}
assert len(hand) == 2
assert Card(8, "spades") in hand
assert {Card(1, "clubs"): "ace"}[Card(1, "clubs")] == "ace"
""",
    ),
    row(
        "instance made in an earlier test cell",
        STACK,
        ("return self.items.pop()", "return self.items.pop(0)"),
        """
s = Stack()
s.push("a")
s.push("b")
assert not s.is_empty()
""",
        """
assert s.pop() == "b"
""",
    ),
    row(
        "state kept in an instance across test cells",
        STACK,
        ("self.items = []", "self.items = ['']"),
        """
stack = Stack()
for n in range(3):
    stack.push(n)
""",
        """
assert [stack.pop() for _ in range(3)] == [2, 1, 0]
""",
        """
assert stack.is_empty(), "after three pushes and three pops it should be empty"
stack.push("again")
""",
        """
assert stack.pop() == "again"
try:
    stack.pop()
    assert False
except IndexError as e:
    assert str(e) == "pop from an empty stack"
""",
    ),
    row(
        "instance made in a cell of the student's",
        """
class Lamp:
    def __init__(self):
        self.on = False
    def switch(self):
        self.on = not self.on
my_lamp = Lamp()
my_lamp.switch()
""",
        ("my_lamp.switch()", "my_lamp.switch\n"),
        """
assert isinstance(my_lamp, Lamp)
assert my_lamp.on is True
my_lamp.switch()
assert not my_lamp.on
""",
    ),
    row(
        "list of instances sorted by a key",
        """
class Student:
    def __init__(self, name, grade):
        self.name, self.grade = name, grade
def ranking(students):
    return sorted(students, key=lambda s: (-s.grade, s.name))
""",
        ("(-s.grade, s.name)", "-s.grade"),
        """
group = [Student("Bo", 2), Student("Al", 2), Student("Cy", 5)]
assert [s.name for s in ranking(group)] == ["Cy", "Al", "Bo"]
assert ranking(group)[0] is group[2]
group.sort(key=lambda s: s.name)
assert [s.name for s in group] == ["Al", "Bo", "Cy"]
""",
    ),
    row(
        "linked list walked by its attributes",
        """
class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next
def reverse(head):
    before = None
    while head is not None:
        before, head.next, head = head, before, head.next
    return before
""",
        ("return before", "return head"),
        """
head = Node(1, Node(2, Node(3)))
assert head.next.next.value == 3
node, seen = reverse(head), []
while node is not None:
    seen.append(node.value)
    node = node.next
assert seen == [3, 2, 1]
assert head.next is None
""",
    ),
    row(
        "tree built by the student's functions, walked by the test's",
        """
class Tree:
    def __init__(self, key):
        self.key, self.left, self.right = key, None, None
def insert(tree, key):
    if tree is None:
        return Tree(key)
    if key < tree.key:
        tree.left = insert(tree.left, key)
    elif key > tree.key:
        tree.right = insert(tree.right, key)
    return tree
""",
        ("tree.left = insert(tree.left, key)", "tree.left = Tree(key)"),
        """
def in_order(tree):
    return in_order(tree.left) + [tree.key] + in_order(tree.right) if tree else []

root = None
for key in [5, 2, 8, 1, 9, 2]:
    root = insert(root, key)
assert in_order(root) == [1, 2, 5, 8, 9]
assert root.key == 5 and root.left.left.key == 1
""",
    ),
    row(
        "instances linked by the test",
        """
class Person:
    def __init__(self, name):
        self.name, self.friends = name, []
    def befriend(self, other):
        self.friends.append(other)
        other.friends.append(self)
def mutual(person):
    return all(person in friend.friends for friend in person.friends)
""",
        ("        other.friends.append(self)\n", ""),
        """
ann, ben = Person("Ann"), Person("Ben")
ann.befriend(ben)
assert ben.friends == [ann] and ann.friends[0] is ben
assert mutual(ann)
ben.friends.clear()
assert len(ben.friends) == 0
""",
    ),
    row(
        "vars() and __dict__ of an instance",
        """
class Config:
    def __init__(self, **settings):
        for name, value in settings.items():
            setattr(self, name, value)
""",
        ("setattr(self, name, value)", "setattr(Config, name, value)"),
        """
c = Config(debug=True, level=3)
assert vars(c) == {"debug": True, "level": 3}
assert c.__dict__["level"] == 3
assert getattr(c, "debug") and getattr(c, "other", None) is None
""",
    ),
    row(
        "__slots__ and private names",
        """
class Pixel:
    __slots__ = ("x", "y", "_Pixel__color")
    def __init__(self, x, y):
        self.x, self.y = x, y
        self.__color = "black"
    def color(self):
        return self.__color
""",
        ('    __slots__ = ("x", "y", "_Pixel__color")\n', ""),
        """
p = Pixel(1, 2)
assert p.color() == "black"
try:
    p.__color
    assert False, "the color is private"
except AttributeError:
    pass
try:
    p.z = 3
    assert False, "a pixel has no z"
except AttributeError:
    pass
""",
    ),
    row(
        "copy of an instance",
        """
import copy
class Matrix:
    def __init__(self, rows):
        self.rows = rows
    def copy(self):
        return Matrix(copy.deepcopy(self.rows))
""",
        ("copy.deepcopy(self.rows)", "list(self.rows)"),
        """
import copy
m = Matrix([[1, 2], [3, 4]])
other, third = m.copy(), copy.deepcopy(m)
m.rows[0][0] = 99
assert other.rows == [[1, 2], [3, 4]]
assert third.rows[0][0] == 1 and third is not m
""",
    ),
    row(
        "method bound to an instance, handed over",
        """
class Counter:
    def __init__(self):
        self.n = 0
    def up(self, by=1):
        self.n += by
        return self.n
""",
        ("self.n += by", "self.n += 1"),
        """
c = Counter()
up = c.up
assert [up() for _ in range(3)] == [1, 2, 3]
assert list(map(c.up, [10, 20])) == [13, 33]
assert c.n == 33
""",
    ),
    row(
        "methods chained",
        """
class Query:
    def __init__(self, rows):
        self.rows = rows
    def where(self, test):
        return Query([r for r in self.rows if test(r)])
    def order_by(self, key):
        return Query(sorted(self.rows, key=key))
    def first(self):
        return self.rows[0] if self.rows else None
""",
        ("sorted(self.rows, key=key)", "sorted(self.rows, key=key, reverse=True)"),
        """
q = Query([3, 1, 2, 10])
assert q.where(lambda n: n > 1).order_by(lambda n: n).first() == 2
assert q.where(lambda n: n > 99).first() is None
assert q.rows == [3, 1, 2, 10]
""",
    ),
    row(
        "type of an instance and its name",
        """
class Ant:
    legs = 6
class Spider:
    legs = 8
def make(legs):
    return {6: Ant, 8: Spider}[legs]()
""",
        ("8: Spider", "8: Ant"),
        """
assert type(make(6)) is Ant
assert type(make(8)).__name__ == "Spider" and make(8).__class__ is Spider
assert make(8).legs == Spider.legs == 8
""",
    ),
    row(
        "subclass of a built-in",
        """
class History(list):
    def last(self):
        return self[-1] if self else None
class Celsius(float):
    def fahrenheit(self):
        return self * 9 / 5 + 32
""",
        ("self[-1] if self else None", "self[0] if self else None"),
        """
h = History(["a", "b"])
h.append("c")
assert isinstance(h, list) and len(h) == 3 and h == ["a", "b", "c"]
assert h.last() == "c" and History().last() is None
assert Celsius(100).fahrenheit() == 212 and Celsius(1) + 1 == 2
""",
        judged="together",
    ),
    row(
        "the test's subclass of the student's class",
        """
class Employee:
    def __init__(self, name):
        self.name = name
    def bonus(self):
        return 0
    def pay(self):
        return 1000 + self.bonus()
""",
        ("1000 + self.bonus()", "1000"),
        """
class Manager(Employee):
    def bonus(self):
        return 500

assert Manager("Kim").pay() == 1500
assert Employee("Lee").pay() == 1000
""",
        judged="together",
    ),
]
