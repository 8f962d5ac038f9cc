# %% [markdown]
# # Recursion
# No loops in this homework. The tests look at your code.

# %%
import inspect

# %% locked=true id="no_loops"
def has_loop(function):
    """Whether a function's code has a for or while statement."""
    lines = [line.split("#")[0].strip() for line in inspect.getsource(function).splitlines()]
    return any(line.startswith(("for ", "while ")) for line in lines)


# %% solution=true id="power"
def power(base, exponent):
    """base to the power of a whole exponent >= 0, with few multiplications."""
    ### BEGIN SOLUTION
    if exponent == 0:
        return 1
    half = power(base, exponent // 2)
    return half * half if exponent % 2 == 0 else half * half * base
    ### END SOLUTION


# %% grade=true points=1 id="power_values"
assert power(2, 10) == 1024
assert power(5, 0) == 1
assert power(3, 7) == 2187
assert power(0.5, 2) == 0.25

# %% grade=true points=1 id="power_style"
assert power(2, 3) == 8
assert not has_loop(power), "power must not use a loop"
assert "power(" in inspect.getsource(power).split(":", 1)[1], "power must call itself"

# %% solution=true id="flatten"
def flatten(nested):
    ### BEGIN SOLUTION
    if not isinstance(nested, list):
        return [nested]
    return [] if not nested else flatten(nested[0]) + flatten(nested[1:])
    ### END SOLUTION


# %% wrong="flatten"
def flatten(nested):
    result = []
    for item in nested:
        result += item if isinstance(item, list) else [item]
    return result


# %% grade=true points=2 id="flatten_values"
assert flatten([1, [2, 3], 4]) == [1, 2, 3, 4]
assert flatten([[[[5]]], [], [6, [7]]]) == [5, 6, 7]
assert flatten([]) == []

# %% grade=true points=0.5 id="flatten_style"
flatten([])
assert not has_loop(flatten)

# %% solution=true id="hanoi"
def hanoi(n, source="A", target="C", spare="B"):
    """The moves that bring n disks from source to target, as a list of pairs."""
    ### BEGIN SOLUTION
    if n == 0:
        return []
    return hanoi(n - 1, source, spare, target) + [(source, target)] + hanoi(n - 1, spare, target, source)
    ### END SOLUTION


# %% grade=true points=3 id="hanoi_play"
def play(n, moves):
    pegs = {"A": list(range(n, 0, -1)), "B": [], "C": []}
    for a, b in moves:
        disk = pegs[a].pop()
        assert not pegs[b] or pegs[b][-1] > disk, f"disk {disk} on a smaller one"
        pegs[b].append(disk)
    return pegs


for n in range(1, 6):
    moves = hanoi(n)
    assert len(moves) == 2**n - 1
    assert play(n, moves)["C"] == list(range(n, 0, -1))
### BEGIN HIDDEN TESTS
assert hanoi(2, "x", "y", "z") == [("x", "z"), ("x", "y"), ("z", "y")]
### END HIDDEN TESTS
