# %% [markdown]
# # Games with input and chance

# %%
import builtins
import random
from unittest import mock

# %% solution=true id="ask"
def ask_number(prompt, low, high):
    """Asks until a whole number between low and high is typed; returns it."""
    ### BEGIN SOLUTION
    while True:
        try:
            number = int(input(prompt))
        except ValueError:
            continue
        if low <= number <= high:
            return number
    ### END SOLUTION


# %% grade=true points=1 id="ask_1"
with mock.patch("builtins.input", return_value="7"):
    assert ask_number("?", 1, 10) == 7

# %% grade=true points=2 id="ask_2"
with mock.patch("builtins.input", side_effect=["zero", "0", "11", " 10 "]) as typed:
    assert ask_number("Number: ", 1, 10) == 10
assert typed.call_count == 4
typed.assert_called_with("Number: ")

# %% solution=true id="guess"
def guess(secret):
    """Lets somebody guess: prints 'too low', 'too high' or 'right!'; returns the number of guesses."""
    ### BEGIN SOLUTION
    count = 0
    while True:
        count += 1
        number = int(input("Your guess: "))
        if number == secret:
            print("right!")
            return count
        print("too low" if number < secret else "too high")
    ### END SOLUTION


# %% wrong="guess"
def guess(secret):
    count = 0
    while int(input("Your guess: ")) != secret:
        count += 1
        print("wrong")
    return count


# %% grade=true points=2 id="guess_1"
import io
from contextlib import redirect_stdout

original = builtins.input
numbers = iter(["50", "25", "37"])
builtins.input = lambda prompt="": next(numbers)
try:
    with redirect_stdout(io.StringIO()) as out:
        count = guess(37)
finally:
    builtins.input = original
assert count == 3, f"there were 3 guesses, not {count}"
assert out.getvalue().split("\n")[:3] == ["too high", "too low", "right!"]

# %% solution=true id="shuffle"
def deal(names, cards, each):
    """Shuffles a copy of the cards with random.shuffle, then deals: a dictionary from name to a list of cards."""
    ### BEGIN SOLUTION
    deck = list(cards)
    random.shuffle(deck)
    return {name: deck[place * each : (place + 1) * each] for place, name in enumerate(names)}
    ### END SOLUTION


# %% grade=true points=2 id="shuffle_1"
cards = list(range(10))
random.seed(99)
hands = deal(["x", "y"], cards, 3)
assert cards == list(range(10)), "shuffle a copy"
random.seed(99)
assert hands == deal(["x", "y"], cards, 3), "the same seed should give the same hands"
assert len(set(hands["x"]) | set(hands["y"])) == 6
### BEGIN HIDDEN TESTS
random.seed(5)
deck = list(range(52))
random.shuffle(deck)
random.seed(5)
assert deal(["a"], range(52), 5)["a"] == deck[:5]
### END HIDDEN TESTS

# %% solution=true id="dice"
class Die:
    def __init__(self, sides=6, rng=None):
        self.sides = sides
        self.rng = rng or random.Random()
        self.history = []

    def roll(self):
        ### BEGIN SOLUTION
        self.history.append(self.rng.randint(1, self.sides))
        return self.history[-1]
        ### END SOLUTION


# %% grade=true points=1 id="dice_1"
die = Die(20, random.Random(3))
rolled = [die.roll() for _ in range(30)]
assert rolled == die.history and set(rolled) <= set(range(1, 21))
assert rolled == [random.Random(3).randint(1, 20)][:1] + rolled[1:]
