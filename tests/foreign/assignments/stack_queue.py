# %% [markdown]
# # Stacks and queues

# %%
from collections import deque

# %% [markdown]
# ## 1. A stack
# `pop` and `peek` of an empty stack raise an `IndexError`.

# %% solution=true id="stack"
class Stack:
    def __init__(self):
        ### BEGIN SOLUTION
        self._items = []
        ### END SOLUTION

    def push(self, item):
        ### BEGIN SOLUTION
        self._items.append(item)
        ### END SOLUTION

    def pop(self):
        ### BEGIN SOLUTION
        if not self._items:
            raise IndexError("pop from an empty stack")
        return self._items.pop()
        ### END SOLUTION

    def peek(self):
        ### BEGIN SOLUTION
        if not self._items:
            raise IndexError("peek into an empty stack")
        return self._items[-1]
        ### END SOLUTION

    def __len__(self):
        ### BEGIN SOLUTION
        return len(self._items)
        ### END SOLUTION


# %% grade=true points=2 id="test_stack_basic"
s = Stack()
assert len(s) == 0
s.push("a")
s.push("b")
assert len(s) == 2
assert s.peek() == "b"
assert len(s) == 2, "peek must not remove the item"

# %% grade=true points=1 id="test_stack_order"
assert s.pop() == "b" and s.pop() == "a"

# %% grade=true points=1 id="test_stack_empty"
empty = Stack()
for action in (empty.pop, empty.peek):
    try:
        action()
    except IndexError:
        continue
    assert False, "an IndexError was expected"

# %% [markdown]
# ## 2. A queue of two stacks

# %% solution=true id="queue"
class Queue:
    """First in, first out; keeps its items in two instances of Stack."""

    ### BEGIN SOLUTION
    def __init__(self):
        self._in, self._out = Stack(), Stack()

    def put(self, item):
        self._in.push(item)

    def get(self):
        if not len(self._out):
            while len(self._in):
                self._out.push(self._in.pop())
        return self._out.pop()
    ### END SOLUTION


# %% wrong="queue"
class Queue:
    def __init__(self):
        self._in = Stack()

    def put(self, item):
        self._in.push(item)

    def get(self):
        return self._in.pop()


# %% grade=true points=2 id="test_queue"
q = Queue()
for n in range(4):
    q.put(n)
assert [q.get(), q.get()] == [0, 1]
q.put("last")
assert [q.get() for _ in range(3)] == [2, 3, "last"]
assert any(isinstance(value, Stack) for value in vars(q).values()), "use your Stack"

# %% [markdown]
# ## 3. Brackets

# %% solution=true id="balanced"
def balanced(text):
    """Whether all of ()[]{} in a text are closed in the right order."""
    ### BEGIN SOLUTION
    pairs, opened = {")": "(", "]": "[", "}": "{"}, Stack()
    for c in text:
        if c in pairs.values():
            opened.push(c)
        elif c in pairs and (not len(opened) or opened.pop() != pairs[c]):
            return False
    return len(opened) == 0
    ### END SOLUTION


# %% grade=true points=2 id="test_balanced"
for good in ["", "()", "a[b{c}(d)]", "{[()()]}"]:
    assert balanced(good), good
for bad in ["(", ")", "(]", "([)]", "())("]:
    assert not balanced(bad), bad
