# %% [markdown]
# # Matrices as lists, tested by `unittest`

# %%
import io
import unittest


# %% locked=true id="run_tests"
def run(case):
    """Runs a TestCase and raises an error if one of its tests fails."""
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(suite)
    if not result.wasSuccessful():
        problems = result.failures + result.errors
        raise AssertionError(f"{len(problems)} of {result.testsRun} tests failed: {problems[0][1]}")


# %% solution=true id="transpose"
def transpose(matrix):
    ### BEGIN SOLUTION
    return [list(column) for column in zip(*matrix)]
    ### END SOLUTION


# %% grade=true points=2 id="TransposeTests"
class TransposeTests(unittest.TestCase):
    def setUp(self):
        self.matrix = [[1, 2, 3], [4, 5, 6]]

    def test_values(self):
        self.assertEqual(transpose(self.matrix), [[1, 4], [2, 5], [3, 6]])

    def test_twice(self):
        self.assertListEqual(transpose(transpose(self.matrix)), self.matrix)

    def test_lists(self):
        self.assertTrue(all(type(row) is list for row in transpose(self.matrix)))


run(TransposeTests)

# %% solution=true id="multiply"
def multiply(a, b):
    """The matrix product; raises a ValueError if the sizes do not fit."""
    ### BEGIN SOLUTION
    if len(a[0]) != len(b):
        raise ValueError("sizes do not fit")
    return [[sum(x * y for x, y in zip(row, column)) for column in zip(*b)] for row in a]
    ### END SOLUTION


# %% wrong="multiply"
def multiply(a, b):
    return [[x * y for x, y in zip(row, other)] for row, other in zip(a, b)]


# %% grade=true points=3 id="MultiplyTests"
class MultiplyTests(unittest.TestCase):
    def test_product(self):
        self.assertEqual(multiply([[1, 2], [3, 4]], [[5, 6], [7, 8]]), [[19, 22], [43, 50]])

    def test_sizes(self):
        with self.assertRaises(ValueError):
            multiply([[1, 2]], [[1, 2]])

    def test_identity(self):
        for n in range(1, 4):
            with self.subTest(n=n):
                identity = [[int(i == j) for j in range(n)] for i in range(n)]
                self.assertEqual(multiply(identity, identity), identity)

    ### BEGIN HIDDEN TESTS
    def test_vector(self):
        self.assertEqual(multiply([[1, 2, 3]], [[1], [1], [1]]), [[6]])
    ### END HIDDEN TESTS


run(MultiplyTests)

# %% solution=true id="Matrix"
class Matrix:
    def __init__(self, rows):
        self.rows = [list(row) for row in rows]

    ### BEGIN SOLUTION
    @property
    def T(self):
        return Matrix(transpose(self.rows))

    def __matmul__(self, other):
        return Matrix(multiply(self.rows, other.rows))

    def __eq__(self, other):
        return isinstance(other, Matrix) and self.rows == other.rows

    def __getitem__(self, place):
        row, column = place
        return self.rows[row][column]

    def __setitem__(self, place, value):
        row, column = place
        self.rows[row][column] = value

    ### END SOLUTION


# %% grade=true points=2 id="MatrixTests"
class MatrixTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.m = Matrix([[0, 1], [2, 3]])

    def test_product(self):
        self.assertEqual(self.m @ self.m, Matrix([[2, 3], [6, 11]]))
        self.assertNotEqual(self.m, Matrix([[0, 1]]))

    def test_items(self):
        m = Matrix([[1, 2]])
        m[0, 1] = 5
        self.assertEqual((m[0, 0], m[0, 1]), (1, 5))

    def test_transposed(self):
        self.assertEqual(self.m.T[0, 1], 2)
        self.assertIsInstance(self.m.T, Matrix)


run(MatrixTests)
