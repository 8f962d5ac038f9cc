# nbformat: 4.0

# %% [markdown]
# # Sets, counters, and their kin

# %%
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple

# %% solution=true id="jaccard"
def jaccard(a, b):
    """How alike two collections are: common elements / all elements; 1 if both are empty."""
    ### BEGIN SOLUTION
    a, b = set(a), set(b)
    return len(a & b) / len(a | b) if a | b else 1.0
    ### END SOLUTION


# %% grade=true points=1 id="jaccard_1"
assert jaccard("night", "nacht") == 3 / 7
assert jaccard([], []) == 1 and jaccard([1], []) == 0

# %% solution=true id="anagrams"
def anagrams(words):
    """A set of frozensets: groups of two or more words of the same letters."""
    ### BEGIN SOLUTION
    groups = defaultdict(set)
    for word in words:
        groups["".join(sorted(word))].add(word)
    return {frozenset(group) for group in groups.values() if len(group) > 1}
    ### END SOLUTION


# %% wrong="anagrams"
def anagrams(words):
    groups = defaultdict(set)
    for word in words:
        groups[frozenset(word)].add(word)
    return {frozenset(group) for group in groups.values()}


# %% grade=true points=2 id="anagrams_1"
assert anagrams(["tea", "eat", "tee", "ate", "dog"]) == {frozenset({"tea", "eat", "ate"})}
assert anagrams([]) == set()

# %% solution=true id="poker"
Card = namedtuple("Card", "rank suit")


def hand_kind(cards):
    """'four', 'full house', 'three', 'two pairs', 'pair' or 'nothing' for five cards."""
    ### BEGIN SOLUTION
    counts = sorted(Counter(card.rank for card in cards).values(), reverse=True)
    names = {(4,): "four", (3, 2): "full house", (3,): "three", (2, 2): "two pairs", (2,): "pair"}
    return names.get(tuple(n for n in counts if n > 1), "nothing")
    ### END SOLUTION


# %% grade=true points=2 id="poker_1"
def hand(text):
    return [Card(rank, suit) for rank, suit in zip(text, "CDHSC")]


assert hand_kind(hand("77772")) == "four"
assert hand_kind(hand("K3K3K")) == "full house"
assert hand_kind(hand("A2345")) == "nothing"
assert hand_kind(hand("A2A35")) == "pair"
assert Card("A", "S").rank == "A" and Card._fields == ("rank", "suit")

# %% solution=true id="recent"
class Recent:
    """The last n different things, the newest first."""

    def __init__(self, n):
        self.n = n
        self.things = deque()

    def add(self, thing):
        ### BEGIN SOLUTION
        if thing in self.things:
            self.things.remove(thing)
        self.things.appendleft(thing)
        if len(self.things) > self.n:
            self.things.pop()
        ### END SOLUTION


# %% grade=true points=1 id="recent_1"
r = Recent(3)
for c in "abca":
    r.add(c)
assert list(r.things) == ["a", "c", "b"]
r.add("d")
assert r.things == deque("dac"), r.things

# %% solution=true id="settings"
### BEGIN SOLUTION
defaults = OrderedDict(color="red", size=10)
settings = ChainMap({"size": 12}, defaults)
missing = {"color", "size", "font"} - settings.keys()
### END SOLUTION

# %% grade=true points=1 id="settings_1"
assert settings["size"] == 12 and settings["color"] == "red"
assert isinstance(defaults, OrderedDict) and list(defaults.items()) == [("color", "red"), ("size", 10)]
assert missing == {"font"}
