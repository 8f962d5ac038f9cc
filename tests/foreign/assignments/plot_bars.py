# %% [markdown]
# # Plots 2: bars, histograms, pictures

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

# %% solution=true id="ex1"
def bar_chart(counts):
    """A bar for each key of a dictionary, in the order of the values, highest first. Returns figure and axes."""
    ### BEGIN SOLUTION
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    fig, ax = plt.subplots()
    ax.bar([name for name, _ in ordered], [count for _, count in ordered], color="seagreen")
    ax.set_ylabel("count")
    return fig, ax
    ### END SOLUTION


# %% grade=true points=1 id="ex1-heights"
fig, ax = bar_chart({"a": 2, "b": 5, "c": 3})
assert [p.get_height() for p in ax.patches] == [5, 3, 2]
assert ax.get_ylabel() == "count"

# %% grade=true points=1 id="ex1-names"
assert [t.get_text() for t in ax.get_xticklabels()] == ["b", "c", "a"]
assert isinstance(fig, plt.Figure) and fig.axes[0] is ax

# %% solution=true id="ex2"
def histogram(values, width):
    """A histogram with bins of this width that start at 0. Returns the counts and the axes."""
    ### BEGIN SOLUTION
    bins = np.arange(0, max(values) + 2 * width, width)
    fig, ax = plt.subplots()
    counts, _, _ = ax.hist(values, bins=bins)
    ax.axvline(np.mean(values), color="k")
    return counts, ax
    ### END SOLUTION


# %% wrong="ex2"
def histogram(values, width):
    fig, ax = plt.subplots()
    counts, _, _ = ax.hist(values, bins=width)
    return counts, ax


# %% grade=true points=2 id="ex2-counts"
values = [1, 1, 2, 7, 8, 14]
counts, ax = histogram(values, 5)
assert counts[:3].tolist() == [3, 2, 1]
assert counts.sum() == len(values)
assert ax.patches[0].get_width() == 5 and ax.patches[1].get_x() == 5
assert len(ax.lines) == 1 and ax.lines[0].get_xdata()[0] == np.mean(values), "mark the mean"

# %% solution=true id="ex3"
def show_difference(before, after):
    """The absolute difference of two pictures as a picture, in gray, without axes."""
    ### BEGIN SOLUTION
    fig, ax = plt.subplots()
    ax.imshow(np.abs(before.astype(float) - after), cmap="gray", vmin=0, vmax=255)
    ax.axis("off")
    return ax
    ### END SOLUTION


# %% grade=true points=2 id="ex3-picture"
a = np.zeros((4, 6), dtype=np.uint8)
b = a.copy()
b[1, 2] = 200
ax = show_difference(a, b)
assert len(ax.images) == 1
shown = np.asarray(ax.images[0].get_array())
assert shown.shape == (4, 6) and shown[1, 2] == 200 and shown.sum() == 200
assert ax.images[0].get_cmap().name == "gray"

# %% solution=true id="ex4"
### BEGIN SOLUTION
frame = pd.DataFrame({"year": [2021, 2022, 2023], "sold": [10, 30, 20]})
axes = frame.plot(x="year", y="sold", kind="scatter", title="Sold by year")
### END SOLUTION

# %% grade=true points=1 id="ex4-scatter"
assert axes.get_title() == "Sold by year"
assert axes.collections[0].get_offsets().tolist() == [[2021, 10], [2022, 30], [2023, 20]]
