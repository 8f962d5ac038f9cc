# %% [markdown]
# # Counting words
# The story is in `story.txt`.

# %%
from collections import Counter, defaultdict
import re
import string

with open("story.txt") as f:
    story = f.read()

# %% solution=true id="tokens"
def tokens(text):
    """The words of a text in lower case, without punctuation."""
    ### BEGIN SOLUTION
    return re.findall(r"[a-z']+", text.lower())
    ### END SOLUTION


# %% grade=true points=1 id="tokens1"
assert tokens("Is the boat LATE?") == ["is", "the", "boat", "late"]
assert tokens("... !") == []
assert len(tokens(story)) == 34

# %% solution=true id="top"
def top_words(text, n, ignore=frozenset()):
    ### BEGIN SOLUTION
    return Counter(word for word in tokens(text) if word not in ignore).most_common(n)
    ### END SOLUTION


# %% wrong="top"
def top_words(text, n, ignore=()):
    return Counter(text.split()).most_common(n)


# %% grade=true points=1 id="top1"
assert top_words(story, 1) == [("the", 7)]
assert top_words(story, 1, {"the"}) == [("gull", 4)]

# %% grade=true points=1 id="top2"
### BEGIN HIDDEN TESTS
assert dict(top_words("b a b c, a B", 2)) == {"b": 3, "a": 2}
assert top_words("", 5) == []
### END HIDDEN TESTS
assert isinstance(top_words("a", 1)[0], tuple)

# %% solution=true id="index"
def index(text):
    """From each first letter to the set of words that begin with it."""
    ### BEGIN SOLUTION
    found = defaultdict(set)
    for word in tokens(text):
        found[word[0]].add(word)
    return found
    ### END SOLUTION


# %% grade=true points=2 id="index1"
letters = index(story)
assert letters["g"] == {"gull"}
assert letters["b"] == {"boy", "boat"}
assert letters["z"] == set(), "no word begins with z"
assert sorted(index("tea for two")) == ["f", "t"]

# %% solution=true id="bigrams"
def bigrams(text):
    """How often each pair of neighboring words occurs, as a Counter of tuples."""
    ### BEGIN SOLUTION
    words = tokens(text)
    return Counter(zip(words, words[1:]))
    ### END SOLUTION


# %% grade=true points=1 id="bigrams1"
b = bigrams("to be or not to be")
assert type(b) == Counter
assert b[("to", "be")] == 2 and b["be", "or"] == 1 and b["be", "to"] == 0
assert sum(bigrams(story).values()) == len(tokens(story)) - 1
