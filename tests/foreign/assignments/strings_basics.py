# %% [markdown]
# # Strings

# %%
import string

# %% solution=true id="palindrome"
def is_palindrome(text):
    """Ignore case, spaces and punctuation.

    >>> is_palindrome("Was it a car or a cat I saw?")
    True
    """
    ### BEGIN SOLUTION
    letters = [c for c in text.lower() if c.isalnum()]
    return letters == letters[::-1]
    ### END SOLUTION


# %% grade=true points=1 id="palindrome_tests"
assert is_palindrome("level") == True
assert is_palindrome("lever") == False
assert is_palindrome("Was it a car or a cat I saw?")
assert is_palindrome("")

# %% solution=true id="caesar"
def caesar(text, shift):
    ### BEGIN SOLUTION
    small, big = string.ascii_lowercase, string.ascii_uppercase
    shift %= 26
    table = str.maketrans(small + big, small[shift:] + small[:shift] + big[shift:] + big[:shift])
    return text.translate(table)
    ### END SOLUTION


# %% wrong="caesar"
def caesar(text, shift):
    return "".join(chr((ord(c) - 97 + shift) % 26 + 97) for c in text)


# %% grade=true points=1.5 id="cell-3f2a9c"
assert caesar("abc", 1) == "bcd", 'caesar("abc", 1) should be "bcd"'
assert caesar("xyz", 3) == "abc", "wrap around!"

# %% grade=true points=1.5 id="cell-77b01d"
assert caesar("Hello, World", 13) == "Uryyb, Jbeyq"
### BEGIN HIDDEN TESTS
for n in range(-30, 31, 7):
    assert caesar(caesar("The Quick Brown Fox.", n), -n) == "The Quick Brown Fox."
### END HIDDEN TESTS

# %% solution=true id="title"
def headline(words, width=30):
    """Words with capitals, joined by spaces, centered between stars in a line of this width."""
    ### BEGIN SOLUTION
    return (" " + " ".join(word.capitalize() for word in words) + " ").center(width, "*")
    ### END SOLUTION


# %% grade=true points=2 id="title_tests"
result = headline(["man", "bites", "DOG"])
assert len(result) == 30, f"expected 30 characters, got {len(result)}"
assert result.strip("*") == " Man Bites Dog "
assert headline(["x"], width=9) == "*** X ***"
assert result.count("*") == 15
