# %% [markdown]
# # Plots 1: lines

# %%
import matplotlib.pyplot as plt
import numpy as np

# %% [markdown]
# Plot the sine in blue and the cosine in red from 0 to 2π. Label both axes, give a title and a legend. Return the axes.

# %% solution=true id="waves"
def plot_waves(n=100):
    ### BEGIN SOLUTION
    x = np.linspace(0, 2 * np.pi, n)
    fig, ax = plt.subplots()
    ax.plot(x, np.sin(x), color="blue", label="sine")
    ax.plot(x, np.cos(x), color="red", label="cosine")
    ax.set_xlabel("angle")
    ax.set_ylabel("value")
    ax.set_title("Two waves")
    ax.legend()
    return ax
    ### END SOLUTION


# %% grade=true points=2 id="waves_lines"
ax = plot_waves()
lines = ax.get_lines()
assert len(lines) == 2, f"expected 2 lines, there are {len(lines)}"
x, y = lines[0].get_data()
np.testing.assert_allclose(y, np.sin(x), atol=1e-8)
assert x.max() == 2 * np.pi and len(x) == 100
assert lines[1].get_color() in ("red", "r", "C3")
plt.close()

# %% grade=true points=1 id="waves_labels"
ax = plot_waves(10)
assert ax.get_xlabel() != "", "label the x-axis"
assert ax.get_ylabel(), "label the y-axis"
assert "wave" in ax.get_title().lower()
assert [t.get_text() for t in ax.get_legend().get_texts()] == ["sine", "cosine"]
plt.close("all")

# %% [markdown]
# This time with `plt.` functions only: the powers of x on [0, 1], one line for each exponent, on a grid, y from 0 to 1.

# %% solution=true id="powers"
def plot_powers(exponents):
    ### BEGIN SOLUTION
    x = np.linspace(0, 1, 51)
    plt.figure(figsize=(5, 5))
    for n in exponents:
        plt.plot(x, x**n, "--", label=f"n={n}")
    plt.ylim(0, 1)
    plt.xlabel("x")
    plt.grid(True)
    plt.legend()
    ### END SOLUTION


# %% wrong="powers"
def plot_powers(exponents):
    x = np.linspace(0, 1, 51)
    plt.figure()
    for n in exponents:
        plt.plot(x, n * x)
    plt.xlabel("x")


# %% grade=true points=2 id="powers_current"
plot_powers([1, 2, 3])
axes = plt.gca()
assert len(axes.lines) == 3
for n, line in zip([1, 2, 3], axes.lines):
    assert np.allclose(line.get_ydata(), np.array(line.get_xdata()) ** n)
    assert line.get_linestyle() == "--"
    assert line.get_label() == f"n={n}"
assert axes.get_ylim() == (0.0, 1.0)
assert axes.get_xlabel() == "x"

# %% [markdown]
# What happens to the line as n grows?

# %% [markdown] solution=true grade=true points=1 id="powers_words"
# ### BEGIN SOLUTION
# It stays near 0 for longer and rises later and more steeply.
# ### END SOLUTION

# %% solution=true id="grid_of_plots"
def panels(functions, x):
    """A figure with one plot below the other for each function, titled with its name, on a common x-axis."""
    ### BEGIN SOLUTION
    fig, axes = plt.subplots(len(functions), 1, sharex=True, squeeze=False)
    for ax, f in zip(axes[:, 0], functions):
        ax.plot(x, f(x))
        ax.set_title(f.__name__)
    return fig
    ### END SOLUTION


# %% grade=true points=2 id="panels_check"
def double(x):
    return 2 * x


fig = panels([np.sin, double], np.arange(5))
assert len(fig.axes) == 2
assert [ax.get_title() for ax in fig.axes] == ["sin", "double"]
assert fig.axes[1].lines[0].get_ydata().tolist() == [0, 2, 4, 6, 8]
### BEGIN HIDDEN TESTS
assert len(panels([np.cos], np.arange(3)).axes) == 1
### END HIDDEN TESTS
