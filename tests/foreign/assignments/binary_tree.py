# nbformat: 4.0

# %% [markdown]
# # Lab 7. Binary search trees

# %%
from random import Random

# %% solution=true id="BST"
class BST:
    """A binary search tree. An empty tree has the key None."""

    def __init__(self, keys=()):
        self.key = None
        self.left = self.right = None
        for key in keys:
            self.insert(key)

    def insert(self, key):
        ### BEGIN SOLUTION
        if self.key is None:
            self.key, self.left, self.right = key, BST(), BST()
        elif key < self.key:
            self.left.insert(key)
        elif key > self.key:
            self.right.insert(key)
        ### END SOLUTION

    def __contains__(self, key):
        ### BEGIN SOLUTION
        if self.key is None:
            return False
        return key == self.key or key in (self.left if key < self.key else self.right)
        ### END SOLUTION

    def __iter__(self):
        ### BEGIN SOLUTION
        if self.key is not None:
            yield from self.left
            yield self.key
            yield from self.right
        ### END SOLUTION

    def height(self):
        ### BEGIN SOLUTION
        return 0 if self.key is None else 1 + max(self.left.height(), self.right.height())
        ### END SOLUTION


# %% grade=true points=2 id="BST-insert"
tree = BST([5, 3, 8, 1, 4])
assert tree.key == 5
assert tree.left.key == 3 and tree.right.key == 8
assert tree.left.left.key == 1
assert tree.right.right.key is None

# %% grade=true points=1 id="BST-contains"
assert 4 in tree and 8 in tree
assert 6 not in tree
assert 1 not in BST()

# %% grade=true points=2 id="BST-order"
assert list(tree) == [1, 3, 4, 5, 8]
### BEGIN HIDDEN TESTS
numbers = list(range(50))
Random(3).shuffle(numbers)
big = BST(numbers + numbers[:10])
assert list(big) == sorted(numbers), "sorted, and each key once"
assert next(iter(big)) == 0
### END HIDDEN TESTS

# %% grade=true points=1 id="BST-height"
assert tree.height() == 3
assert BST().height() == 0 and BST("abcd").height() == 4

# %% solution=true id="is_bst"
def is_bst(tree, low=float("-inf"), high=float("inf")):
    """Whether all keys of any binary tree are where a search looks for them."""
    ### BEGIN SOLUTION
    if tree is None or tree.key is None:
        return True
    return low < tree.key < high and is_bst(tree.left, low, tree.key) and is_bst(tree.right, tree.key, high)
    ### END SOLUTION


# %% wrong="is_bst"
def is_bst(tree):
    if tree is None or tree.key is None:
        return True
    for child, sign in ((tree.left, 1), (tree.right, -1)):
        if child is not None and child.key is not None and (tree.key - child.key) * sign < 0:
            return False
    return is_bst(tree.left) and is_bst(tree.right)


# %% grade=true points=3 id="is_bst-test"
class T:
    def __init__(self, key, left=None, right=None):
        self.key, self.left, self.right = key, left, right


assert is_bst(T(2, T(1), T(3)))
assert not is_bst(T(2, T(3), T(1)))
assert not is_bst(T(5, T(2, T(1), T(7)), T(8))), "7 is left of 5"
assert is_bst(None)
