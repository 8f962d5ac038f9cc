# nbformat: 4.0

# %% [markdown]
# # Problem set 3: linear algebra

# %%
# %matplotlib inline
import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

# %% [markdown]
# Problem 1: `gram_schmidt(A)` returns a matrix whose columns are an orthonormal basis of the columns of `A`.

# %% solution=true id="prob1"
def gram_schmidt(A):
    ### BEGIN SOLUTION
    Q = np.zeros(A.shape)
    for k in range(A.shape[1]):
        v = A[:, k] - Q[:, :k] @ (Q[:, :k].T @ A[:, k])
        Q[:, k] = v / np.linalg.norm(v)
    return Q
    ### END SOLUTION


# %% grade=true points=2 id="prob1_orthonormal"
A = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])
Q = gram_schmidt(A)
assert Q.shape == (3, 3)
assert_allclose(Q.T @ Q, np.eye(3), atol=1e-12)

# %% grade=true points=1 id="prob1_same_span"
assert_allclose(Q[:, 0], A[:, 0] / np.sqrt(2))
assert_allclose(np.triu(Q.T @ A), Q.T @ A, atol=1e-12)

# %% [markdown]
# Problem 2: fit a polynomial by least squares. Return its coefficients, lowest power first. Do not use `np.polyfit`.

# %% solution=true id="prob2"
def fit_polynomial(x, y, degree):
    ### BEGIN SOLUTION
    V = np.vander(x, degree + 1, increasing=True)
    return np.linalg.lstsq(V, y, rcond=None)[0]
    ### END SOLUTION


# %% wrong="prob2"
def fit_polynomial(x, y, degree):
    V = np.vander(x, degree + 1)
    return np.linalg.lstsq(V, y, rcond=None)[0]


# %% grade=true points=2 id="prob2_test"
x = np.linspace(-1, 1, 20)
assert_allclose(fit_polynomial(x, 1 + 2 * x - 3 * x**2, 2), [1, 2, -3], atol=1e-10)
assert_allclose(fit_polynomial(x, np.ones(20), 0), [1])
### BEGIN HIDDEN TESTS
c = fit_polynomial(x, np.exp(x), 4)
assert np.abs(np.polynomial.polynomial.polyval(x, c) - np.exp(x)).max() < 1e-3
### END HIDDEN TESTS

# %% [markdown]
# Problem 3: the largest eigenvalue by power iteration, with its eigenvector of length 1.

# %% solution=true id="prob3"
def power_iteration(A, steps=200):
    ### BEGIN SOLUTION
    v = np.ones(len(A)) / np.sqrt(len(A))
    for _ in range(steps):
        v = A @ v
        v /= np.linalg.norm(v)
    return v @ A @ v, v
    ### END SOLUTION


# %% grade=true points=2 id="prob3_test"
S = np.array([[2.0, 1.0], [1.0, 3.0]])
value, vector = power_iteration(S)
np.testing.assert_almost_equal(value, (5 + np.sqrt(5)) / 2)
assert_allclose(S @ vector, value * vector, rtol=1e-6)
assert abs(np.linalg.norm(vector) - 1) < 1e-9
assert_array_equal(S, [[2, 1], [1, 3]])
