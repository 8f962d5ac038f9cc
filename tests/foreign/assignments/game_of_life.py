# %% [markdown]
# # The game of life

# %%
import numpy as np
from scipy import sparse

# %% solution=true id="neighbors"
def neighbors(board):
    """How many living neighbors each cell has; what is beyond the edge is dead."""
    ### BEGIN SOLUTION
    padded = np.pad(board.astype(int), 1)
    rows, columns = board.shape
    return sum(
        padded[1 + a : 1 + a + rows, 1 + b : 1 + b + columns]
        for a in (-1, 0, 1)
        for b in (-1, 0, 1)
        if (a, b) != (0, 0)
    )
    ### END SOLUTION


# %% grade=true points=2 id="n1"
board = np.zeros((4, 5), dtype=bool)
board[0, 0] = board[1, 1] = True
count = neighbors(board)
assert count.shape == board.shape
assert count[0, 1] == 2 and count[0, 0] == 1 and count[3, 4] == 0
### BEGIN HIDDEN TESTS
np.testing.assert_array_equal(neighbors(np.ones((2, 2), bool)), np.full((2, 2), 3))
assert neighbors(board).dtype.kind == "i"
### END HIDDEN TESTS

# %% solution=true id="step"
def step(board):
    """The next generation as a new boolean array."""
    ### BEGIN SOLUTION
    count = neighbors(board)
    return (count == 3) | (board & (count == 2))
    ### END SOLUTION


# %% wrong="step"
def step(board):
    count = neighbors(board)
    return (count == 3) | (count == 2)


# %% grade=true points=2 id="s1"
blinker = np.zeros((5, 5), dtype=bool)
blinker[2, 1:4] = True
after = step(blinker)
assert after.dtype == bool and blinker[2, 1], "leave the old board as it is"
assert np.array_equal(after, blinker.T)
assert (step(after) == blinker).all()

# %% solution=true id="play"
class Life:
    """Iterating over it gives one board after the other, until nothing changes any more."""

    def __init__(self, board):
        self.board = board

    def __iter__(self):
        ### BEGIN SOLUTION
        while True:
            yield self.board
            following = step(self.board)
            if (following == self.board).all():
                return
            self.board = following
        ### END SOLUTION


# %% grade=true points=1 id="p1"
ell = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
boards = list(Life(ell))
assert len(boards) == 2
np.testing.assert_array_equal(boards[-1], [[1, 1, 0], [1, 1, 0], [0, 0, 0]])
from itertools import islice

assert len(list(islice(Life(blinker), 7))) == 7, "a blinker never stops"

# %% solution=true id="text"
def to_text(board):
    ### BEGIN SOLUTION
    return "\n".join("".join("#" if cell else "." for cell in row) for row in board)
    ### END SOLUTION


def living(board):
    """A sparse matrix in CSR format with a 1 for each living cell."""
    ### BEGIN SOLUTION
    return sparse.csr_matrix(board.astype(int))
    ### END SOLUTION


# %% grade=true points=1 id="x1"
assert to_text(ell) == "##.\n#..\n..."
s = living(blinker)
assert sparse.issparse(s) and s.nnz == 3 and s.toarray()[2].tolist() == [0, 1, 1, 1, 0]
