# %% [markdown]
# # An inventory

# %%
from dataclasses import dataclass, field, asdict, replace, FrozenInstanceError
from enum import Enum

# %% solution=true id="kinds"
### BEGIN SOLUTION
class Kind(Enum):
    FOOD = "food"
    TOOL = "tool"
    TOY = "toy"


### END SOLUTION

# %% grade=true points=0.5 id="kinds_test"
assert len(Kind) == 3
assert Kind("toy") is Kind.TOY and Kind.FOOD.value == "food"

# %% [markdown]
# `Item` is a frozen dataclass with `name`, `price`, `kind` (by default a tool) and `count` (by default 1), and a property
# `total`. A negative price raises a `ValueError`.

# %% solution=true id="item"
### BEGIN SOLUTION
@dataclass(frozen=True)
class Item:
    name: str
    price: float
    kind: Kind = Kind.TOOL
    count: int = 1

    def __post_init__(self):
        if self.price < 0:
            raise ValueError("a price cannot be negative")

    @property
    def total(self):
        return self.price * self.count


### END SOLUTION

# %% wrong="item"
@dataclass
class Item:
    name: str
    price: float
    kind: str = "tool"
    count: int = 1

    def total(self):
        return self.price * self.count


# %% grade=true points=1 id="item_test_1"
hammer = Item("hammer", 12.5, count=2)
assert hammer.total == 25
assert Item("hammer", 12.5, count=2) == hammer
assert hammer.kind == Kind.TOOL

# %% grade=true points=1 id="item_test_2"
try:
    hammer.price = 1
    assert False, "items should be frozen"
except FrozenInstanceError:
    pass
try:
    Item("ghost", -1)
    assert False, "negative price"
except ValueError as error:
    print(error)
cheaper = replace(hammer, price=10.0)
assert cheaper.total == 20 and hammer.price == 12.5

# %% solution=true id="inventory"
@dataclass
class Inventory:
    items: list = field(default_factory=list)

    def add(self, item):
        ### BEGIN SOLUTION
        self.items.append(item)
        return self
        ### END SOLUTION

    def value(self, kind=None):
        """The total of all items, or of one kind."""
        ### BEGIN SOLUTION
        return sum(item.total for item in self.items if kind in (None, item.kind))
        ### END SOLUTION

    def by_kind(self):
        """A dictionary from kind to the sorted names of its items."""
        ### BEGIN SOLUTION
        names = {}
        for item in sorted(self.items, key=lambda item: item.name):
            names.setdefault(item.kind, []).append(item.name)
        return names
        ### END SOLUTION


# %% grade=true points=2 id="inventory_test"
stock = Inventory().add(Item("saw", 20.0)).add(Item("bread", 3.0, Kind.FOOD, 4)).add(Item("axe", 30.0))
assert len(stock.items) == 3
assert stock.value() == 62 and stock.value(Kind.FOOD) == 12 and stock.value(Kind.TOY) == 0
assert Inventory().items == [], "lists must not be shared"

# %% grade=true points=1 id="inventory_groups"
assert stock.by_kind() == {Kind.TOOL: ["axe", "saw"], Kind.FOOD: ["bread"]}
assert asdict(stock.items[0]) == {"name": "saw", "price": 20.0, "kind": Kind.TOOL, "count": 1}
