# %% [markdown]
# # Shapes
# An abstract base class, three shapes, and functions that know only the base.

# %%
from abc import ABC, abstractmethod
from math import isclose, pi

# %% solution=true id="base"
### BEGIN SOLUTION
class Shape(ABC):
    def __init__(self, name):
        self.name = name

    @abstractmethod
    def area(self):
        """The area in square units."""

    @abstractmethod
    def perimeter(self):
        """The perimeter in units."""

    def describe(self):
        return f"{self.name}: area {self.area():.2f}, perimeter {self.perimeter():.2f}"


### END SOLUTION

# %% grade=true points=1 id="grade_base"
assert issubclass(Shape, ABC), "Shape should be abstract"
try:
    Shape("thing")
    raise Exception("Shape should not be possible to make")
except TypeError:
    pass

# %% solution=true id="shapes"
class Circle(Shape):
    ### BEGIN SOLUTION
    def __init__(self, radius):
        super().__init__("circle")
        self.radius = radius

    def area(self):
        return pi * self.radius**2

    def perimeter(self):
        return 2 * pi * self.radius

    ### END SOLUTION


class Rectangle(Shape):
    ### BEGIN SOLUTION
    def __init__(self, width, height, name="rectangle"):
        super().__init__(name)
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height

    def perimeter(self):
        return 2 * (self.width + self.height)

    ### END SOLUTION


class Square(Rectangle):
    ### BEGIN SOLUTION
    def __init__(self, side):
        super().__init__(side, side, "square")

    ### END SOLUTION


# %% wrong="shapes"
class Circle(Shape):
    def __init__(self, radius):
        super().__init__("circle")
        self.radius = radius

    def area(self):
        return pi * self.radius**2

    def perimeter(self):
        return 2 * pi * self.radius


class Rectangle(Shape):
    def __init__(self, width, height):
        super().__init__("rectangle")
        self.width, self.height = width, height

    def area(self):
        return self.width * self.height

    def perimeter(self):
        return self.width + self.height


class Square(Shape):
    def __init__(self, side):
        super().__init__("square")
        self.side = side

    def area(self):
        return self.side**2

    def perimeter(self):
        return 4 * self.side


# %% grade=true points=1 id="grade_circle"
c = Circle(2)
assert isclose(c.area(), 4 * pi) and isclose(c.perimeter(), 4 * pi)
assert c.describe() == "circle: area 12.57, perimeter 12.57"

# %% grade=true points=1 id="grade_rectangle"
r = Rectangle(3, 4)
assert (r.area(), r.perimeter()) == (12, 14)

# %% grade=true points=1 id="grade_square"
s = Square(5)
assert s.area() == 25 and s.perimeter() == 20
assert isinstance(s, Rectangle) and isinstance(s, Shape)
assert Square.__mro__[1] is Rectangle, "a square is a rectangle"

# %% solution=true id="largest"
def largest(shapes):
    """The shape of the largest area; None if there are no shapes."""
    ### BEGIN SOLUTION
    return max(shapes, key=lambda shape: shape.area(), default=None)
    ### END SOLUTION


# %% grade=true points=2 id="grade_largest"
shapes = [Circle(1), Rectangle(1, 2), Square(1.9)]
assert largest(shapes) is shapes[2]
assert largest([]) is None
assert sorted(shapes, key=lambda s: s.perimeter())[0].name == "rectangle"
