# %% [markdown]
# # Vectors with operators

# %%
import math

# %% solution=true id="vector"
class Vector:
    """A vector of any number of components: Vector(1, 2, 3)."""

    def __init__(self, *components):
        ### BEGIN SOLUTION
        self.components = tuple(components)
        ### END SOLUTION

    ### BEGIN SOLUTION
    def __repr__(self):
        return f"Vector({', '.join(map(str, self.components))})"

    def __len__(self):
        return len(self.components)

    def __getitem__(self, place):
        return self.components[place]

    def __eq__(self, other):
        return isinstance(other, Vector) and self.components == other.components

    def __hash__(self):
        return hash(self.components)

    def __add__(self, other):
        if len(self) != len(other):
            raise ValueError("lengths differ")
        return Vector(*(a + b for a, b in zip(self, other)))

    def __mul__(self, other):
        if isinstance(other, Vector):
            return sum(a * b for a, b in zip(self, other))
        return Vector(*(a * other for a in self))

    __rmul__ = __mul__

    def __abs__(self):
        return math.sqrt(self * self)

    def __bool__(self):
        return any(self.components)

    ### END SOLUTION


# %% grade=true points=1 id="t1"
v = Vector(3, 4)
assert len(v) == 2
assert v[0] == 3 and v[-1] == 4
assert list(v) == [3, 4]
assert repr(v) == "Vector(3, 4)"

# %% grade=true points=1 id="t2"
assert Vector(1, 2) == Vector(1, 2)
assert Vector(1, 2) != Vector(2, 1)
assert not (Vector(1, 2) == (1, 2)), "a vector is no tuple"
assert len({Vector(0, 1), Vector(0, 1), Vector(1, 0)}) == 2

# %% grade=true points=2 id="t3"
assert Vector(1, 2, 3) + Vector(1, 1, 1) == Vector(2, 3, 4)
assert 3 * Vector(1, -1) == Vector(3, -3) == Vector(1, -1) * 3
assert Vector(1, 2) * Vector(3, 4) == 11
assert abs(Vector(3, 4)) == 5
assert sum([Vector(1, 0), Vector(0, 2)], Vector(0, 0)) == Vector(1, 2)
### BEGIN HIDDEN TESTS
assert math.isclose(abs(Vector(1, 1, 1)), math.sqrt(3))
assert Vector(0, 0, 1) and not Vector(0, 0)
### END HIDDEN TESTS

# %% grade=true points=1 id="t4"
try:
    Vector(1, 2) + Vector(1, 2, 3)
except ValueError as e:
    print("OK:", e)
else:
    raise AssertionError("adding vectors of different lengths should raise a ValueError")

# %% solution=true id="angle"
def angle(u, v):
    """The angle between two vectors in degrees."""
    ### BEGIN SOLUTION
    return math.degrees(math.acos(u * v / (abs(u) * abs(v))))
    ### END SOLUTION


# %% wrong="angle"
def angle(u, v):
    return math.acos(u * v / (abs(u) * abs(v)))


# %% grade=true points=1 id="t5"
assert math.isclose(angle(Vector(1, 0), Vector(0, 2)), 90)
assert round(angle(Vector(1, 0), Vector(1, 1)), 6) == 45

# %% solution=true id="project"
def project(u, v):
    """The part of u that points along v."""
    ### BEGIN SOLUTION
    return (u * v) / (v * v) * v
    ### END SOLUTION


# %% grade=true points=1 id="t6"
p = project(Vector(2, 3), Vector(5, 0))
assert isinstance(p, Vector)
assert all(abs(got - want) < 1e-12 for got, want in zip(p, (2, 0)))
