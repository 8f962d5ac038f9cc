"""Figures of Matplotlib cross as their data, and become figures with real axes; forged ones do no harm.

What is taken without a guard is shown for the number of points and for markers. Most other checks keep a figure to its
tables; Matplotlib itself would refuse some of these values, too.
"""

import datetime
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from crossing import across, damaged, frame, got
from hypothesis import given, settings
from hypothesis import strategies as st

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle, Wedge

from autograder.errors import MalformedFrame, RefusedValue
from autograder.sandbox.wire.kinds import adopt, artists, figures, open_figures

pytestmark = pytest.mark.slow

LISTS = "lines patches collections images texts containers".split()


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def plotted():
    figure, all_axes = plt.subplots(2, 3, figsize=(9, 6))
    lines, bars, pie, hist, points, picture = all_axes.ravel()
    lines.plot([1, 2], [3, 4], "r--o", label="one", linewidth=3)
    lines.axhline(0.5, color="#00ff00")
    lines.axvspan(1, 2, alpha=0.5)
    lines.set(title="Lines", xlabel="x in s", ylabel="y", xlim=(0.5, 2.5), yscale="log")
    lines.legend(title="Legend", loc="upper left")
    lines.grid(True)
    lines.text(1, 3, "here", rotation=30)
    lines.annotate("there", (1, 3), (2, 4), arrowprops={"arrowstyle": "->"})
    bars.bar(["a", "b"], [1, 2], yerr=[0.1, 0.2], color=["red", "blue"], label="bars")
    pie.pie([1, 3], labels=["x", "y"], autopct="%d")
    hist.hist([1, 2, 2, 3], bins=3)
    hist.errorbar([1, 2], [1, 2], yerr=1, capsize=3)
    hist.stem([1, 2])
    hist.hist([1, 2, 2, 3], bins=3, histtype="step")
    mapped = points.scatter([1, 2], [3, 4], c=[1, 2], s=[10, 20], cmap="plasma")
    points.fill_between([1, 2, 3], [1, 2, 3])
    points.vlines([1], 0, 1)
    points.contour(np.arange(9).reshape(3, 3))
    points.stairs([1, 2])
    points.boxplot([1, 2, 3], patch_artist=True)
    figure.colorbar(mapped, ax=points)
    picture.imshow(np.eye(3), cmap="gray", vmin=-1)
    picture.set_xticks([0, 1], ["p", "q"])
    picture.pcolormesh(np.ones((2, 3)))
    figure.suptitle("All of them")
    figure.text(0.1, 0.2, "below")
    return figure, all_axes


def drawn(figure):
    """The figure, drawn; the canvas of a figure that no window has draws nothing."""
    FigureCanvasAgg(figure).draw()
    return figure


def grid(axes):
    return [line.get_visible() for axis in (axes.xaxis, axes.yaxis) for line in axis.get_gridlines()]


def words(some):
    return [one.get_text() for one in some]


def test_a_figure_shows_the_same_on_the_other_side():
    figure, _ = plotted()
    arrived = across(figure)
    assert type(arrived) is Figure and arrived is not figure and len(arrived.axes) == len(figure.axes) == 7
    assert (arrived.get_size_inches() == figure.get_size_inches()).all() and arrived.get_suptitle() == "All of them"
    assert words(arrived.texts) == words(figure.texts)
    for ours, theirs in zip(arrived.axes, figure.axes, strict=True):
        assert isinstance(ours, Axes) and ours.figure is arrived
        for ask in "title xlabel ylabel xlim ylim xscale yscale label facecolor aspect".split():
            assert getattr(ours, f"get_{ask}")() == getattr(theirs, f"get_{ask}")(), ask
        assert ours.get_position().bounds == theirs.get_position().bounds
        assert words(ours.get_xticklabels()) == words(theirs.get_xticklabels())
        assert words(ours.get_yticklabels()) == words(theirs.get_yticklabels())
        assert grid(ours) == grid(theirs)
        for name in LISTS:
            assert len(getattr(ours, name)) == len(getattr(theirs, name)), name
    drawn(arrived)


def test_lines_keep_their_points_and_their_look():
    figure, all_axes = plotted()
    for ours, theirs in zip(across(figure).axes[0].lines, all_axes[0, 0].lines, strict=True):
        assert type(ours) is Line2D and np.array_equal(ours.get_xydata(), theirs.get_xydata())
        for ask in "color linestyle marker linewidth label xdata ydata alpha zorder drawstyle".split():
            assert np.array_equal(getattr(ours, f"get_{ask}")(), getattr(theirs, f"get_{ask}")()), ask
        assert ours.get_transform().transform((1, 0.5)).shape == (2,)
    assert across(figure).axes[0].lines[0].get_color() == "r"


def test_bars_wedges_and_other_patches_keep_their_shape():
    figure, all_axes = plotted()
    arrived = across(figure)
    for ours, theirs in zip(arrived.axes[1].patches, all_axes[0, 1].patches, strict=True):
        assert type(ours) is Rectangle and ours.get_bbox().bounds == theirs.get_bbox().bounds
        assert ours.get_facecolor() == theirs.get_facecolor()
    wedges = arrived.axes[2].patches
    assert [(type(one), one.theta1, one.theta2, one.get_label()) for one in wedges] == [
        (Wedge, one.theta1, one.theta2, one.get_label()) for one in all_axes[0, 2].patches
    ]
    for place in range(6):
        for ours, theirs in zip(arrived.axes[place].patches, all_axes.ravel()[place].patches, strict=True):
            assert np.allclose(ours.get_path().get_extents().bounds, theirs.get_path().get_extents().bounds)
    bars = arrived.axes[1].containers[-1]
    assert list(bars) == list(bars.patches) and bars.get_label() == "bars" and bars.datavalues.tolist() == [1, 2]
    assert bars.errorbar.has_yerr and arrived.axes[3].containers[-1].markerline in arrived.axes[3].lines


def test_points_and_images_keep_their_numbers_and_colors():
    figure, all_axes = plotted()
    arrived = across(figure)
    ours, theirs = arrived.axes[4].collections[0], all_axes[1, 1].collections[0]
    assert np.array_equal(ours.get_offsets(), theirs.get_offsets()) and ours.get_sizes().tolist() == [10, 20]
    assert ours.get_array().tolist() == [1, 2] and ours.cmap.name == "plasma" and ours.get_clim() == theirs.get_clim()
    lines = arrived.axes[4].collections[2].get_segments()
    assert np.array_equal(lines, all_axes[1, 1].collections[2].get_segments())
    image = arrived.axes[5].images[0]
    assert np.array_equal(image.get_array(), np.eye(3)) and image.get_cmap().name == "gray"
    assert image.get_clim() == (-1, 1) and image.get_extent() == all_axes[1, 2].images[0].get_extent()
    drawn(arrived), drawn(figure)
    assert np.allclose(ours.get_facecolors(), theirs.get_facecolors())


def test_a_legend_keeps_its_words():
    legend = across(plotted()[0]).axes[0].get_legend()
    assert words(legend.get_texts()) == ["one"] and legend.get_title().get_text() == "Legend"
    assert legend.legend_handles[0].get_color() == "r"


def test_axes_and_artists_come_with_one_figure():
    figure, all_axes = plotted()
    values = (figure, all_axes, all_axes[0, 0].lines[0], all_axes[0, 0].title, all_axes[0, 0].get_legend())
    arrived, axes, line, title, legend = across(values)
    assert axes.shape == (2, 3) and axes.dtype == object and axes[1, 2] is arrived.axes[5]
    assert line is axes[0, 0].lines[0] and title is axes[0, 0].title and legend is axes[0, 0].get_legend()
    assert across(all_axes[0, 0]).figure.axes[0].get_title() == "Lines"
    assert len(frame([figure] * 3)[1]) == len(frame(figure)[1])


def test_what_plotting_functions_return_crosses():
    figure, axes = plt.subplots()
    assert across(axes.plot([1, 2], [3, 4]))[0].get_ydata().tolist() == [3, 4]
    counts, _, bars = across(axes.hist([1, 2, 2], bins=2))
    assert counts.tolist() == [1, 2] and [bar.get_height() for bar in bars] == [1, 2]
    wedges, labels = across(axes.pie([1, 2], labels=["a", "b"]))
    assert len(wedges) == 2 and words(labels) == ["a", "b"]
    assert across(axes.lines)[0].axes is not axes and across(figure.suptitle("S")).get_text() == "S"


def test_a_container_whose_bars_were_taken_away_leaves_its_place():
    _, axes = plt.subplots()
    first, second = axes.bar([1, 2], [1, 2]), axes.bar([1], [3])
    first[0].remove()
    assert [len(one) for one in across(axes).containers] == [0, 1]
    assert across(second)[0].get_height() == 3


PLOTS = {
    "a bar of a missing value": lambda: plt.bar([1, 2], [1, np.nan]),
    "a picture of booleans": lambda: plt.spy(np.eye(3)),
    "axes that share an axis": lambda: pd.DataFrame({"a": [1, 2], "b": [3, 4]}).plot(subplots=True),
    "a table's own plot": lambda: pd.DataFrame({"a": [1, 2]}, index=pd.date_range("2020", periods=2)).plot(),
    "arrows": lambda: plt.quiver([1], [1], [1], [1]),
    "events": lambda: plt.eventplot([1, 2]),
    "a histogram in two dimensions": lambda: plt.hist2d([1, 2], [1, 2])[3],
    "hexagons": lambda: plt.hexbin([1, 2], [1, 2], gridsize=3),
    "violins": lambda: plt.violinplot([1, 2, 3]),
    "colors by a logarithm": lambda: plt.imshow(np.ones((2, 2)) * 3, norm=mpl.colors.LogNorm(1, 10)),
    "colors of its own": lambda: plt.scatter([1], [1], c=[1], cmap=mpl.colors.ListedColormap(["red", "blue"])),
    "a twin": lambda: plt.gca().twinx(),
    "a mosaic": lambda: plt.subplot_mosaic("AB", layout="constrained"),
    "labels of bars": lambda: plt.gca().bar_label(plt.bar([1], [2])),
    "bars around a pole": lambda: plt.subplot(projection="polar").bar([0, 1], [1, 2]),
}


@pytest.mark.parametrize("name", PLOTS)
def test_any_plot_crosses_and_can_be_drawn(name):
    across(PLOTS[name]())
    theirs, ours = plt.gcf(), across(plt.gcf())
    assert [len(getattr(axes, one)) for axes in drawn(ours).axes for one in LISTS] == [
        len(getattr(axes, one)) for axes in theirs.axes for one in LISTS
    ]


def test_days_and_words_stay_what_they_are():
    figure, (days, kinds) = plt.subplots(1, 2)
    days.plot([datetime.date(2020, 1, 1), datetime.date(2020, 2, 1)], [1, 2])
    kinds.plot(["a", "b"], [1, 2])
    ours_days, ours_kinds = across(figure).axes
    assert list(ours_days.lines[0].get_xdata()) == [datetime.date(2020, 1, 1), datetime.date(2020, 2, 1)]
    assert ours_days.lines[0].get_xydata()[0].tolist() == days.lines[0].get_xydata()[0].tolist()
    assert words(ours_days.get_xticklabels()) == words(days.get_xticklabels())
    assert list(ours_kinds.lines[0].get_xdata()) == ["a", "b"] and words(ours_kinds.get_xticklabels()) == ["a", "b"]


def test_scales_and_projections_cross():
    figure = plt.figure()
    figure.add_subplot(221).set_xscale("log", base=2)
    figure.add_subplot(222).set_yscale("symlog", linthresh=3)
    figure.add_subplot(223, projection="polar").plot([0, 1], [1, 2])
    figure.add_subplot(224).set_axis_off()
    log, symlog, polar, off = across(figure).axes
    assert log.get_xscale() == "log" and log.xaxis.get_transform().base == 2
    assert symlog.yaxis.get_transform().linthresh == 3 and polar.name == "polar" and not off.axison
    assert log.get_subplotspec().get_geometry() == (2, 2, 0, 0)


numbers = st.floats(-1e6, 1e6) | st.integers(-100, 100)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(numbers, st.floats(allow_nan=True, width=32)), max_size=6), st.text(max_size=20))
def test_any_points_and_words_cross(points, title):
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([x for x, _ in points], [y for _, y in points])
    axes.set_title(title)
    arrived = across(figure).axes[0]
    assert np.array_equal(arrived.lines[0].get_xydata(), axes.lines[0].get_xydata(), equal_nan=True)
    # A lone surrogate is no text that can be sent.
    assert arrived.get_title() == title.encode("utf-8", "replace").decode()


def test_what_arrives_is_drawn_without_formulas():
    figure, axes = plt.subplots()
    axes.set_title(r"$\frac{$")
    axes.set_xticks([1], [r"$\frac{$"])
    axes.text(0, 0, r"$\frac{$")
    axes.plot([1], [1], label=r"$\frac{$")
    axes.legend()
    arrived = across(figure)
    assert arrived.axes[0].get_title() == r"$\frac{$"
    drawn(arrived)
    with pytest.raises(ValueError):
        drawn(figure)


# --- pyplot's figures


def test_open_figures_are_adopted_with_their_numbers():
    first, second = plt.figure(7), plt.figure(3)
    second.subplots(1, 2)[0].set_title("current")
    plt.sca(second.axes[0])
    assert open_figures() == [second, first]
    arrived = across(open_figures())
    adopt(arrived)
    assert plt.get_fignums() == [3, 7] and plt.figure(7) is arrived[1]
    assert arrived[0].axes[0].get_title() == "current"


def test_the_current_figure_and_axes_stay_current():
    plt.figure(7)
    second = plt.figure(3)
    plt.sca(second.subplots(1, 2)[0])
    plt.title("current")
    plt.figure(9)
    plt.figure(3)
    adopt(across(open_figures()))
    assert plt.get_fignums() == [3, 7, 9] and plt.gcf().number == 3 and plt.gca().get_title() == "current"
    plt.plot([1, 2])
    assert len(plt.gca().lines) == 1


def test_adopted_figures_replace_all_others():
    plt.figure(1)
    adopt([across(Figure()), across(Figure())])
    assert plt.get_fignums() == [1, 2]
    adopt([])
    assert plt.get_fignums() == [] and open_figures() == []
    with pytest.raises(RefusedValue):
        adopt([3])


# --- what is refused


def own_axes():
    figure = plt.figure()
    figure.add_axes(type("Own", (Axes,), {"get_title": lambda self: "x"})(figure, (0, 0, 1, 1)))
    return figure


def own_line():
    figure, axes = plt.subplots()
    axes.add_line(type("Own", (Line2D,), {})([1], [2]))
    return figure


def own_scale():
    figure, axes = plt.subplots()
    axes.set_xscale("function", functions=(lambda x: x, lambda x: x))
    return figure


def many(what, count):
    figure, axes = plt.subplots()
    getattr(axes, what)(*count)
    return figure


REFUSED = {
    "a figure of its own class": lambda: type("Own", (Figure,), {})(),
    "axes of their own class": own_axes,
    "a line of its own class": own_line,
    "a scale of its own": own_scale,
    "axes in three dimensions": lambda: plt.figure().add_subplot(projection="3d"),
    "a line in no axes": lambda: Line2D([1], [2]),
    "a spine": lambda: plt.figure().add_subplot().spines["left"],
    "an axis": lambda: plt.figure().add_subplot().xaxis,
    "many points": lambda: many("plot", (np.zeros(3_000_000),)),
    "many bars": lambda: many("bar", (range(60), range(60))),
    "subfigures": lambda: plt.figure().subfigures(1, 2)[0].figure,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_cross_is_refused(name, monkeypatch):
    monkeypatch.setattr(figures, "MAX_ARTISTS", 50)
    with pytest.raises(RefusedValue):
        across(REFUSED[name]())


def changed(change):
    """The parts of a plain figure after a change."""
    figure = Figure()
    axes = figure.add_subplot()
    axes.plot([1, 2], [3, 4], label="a")
    axes.bar([1], [2])
    axes.scatter([1, 2], [3, 4])
    axes.vlines([1, 2], 0, 1)
    axes.imshow(np.ones((2, 2)))
    axes.text(0, 0, "x")
    axes.fill([0, 1, 1], [0, 0, 1])
    axes.stairs([1, 2])
    axes.add_patch(mpl.patches.PathPatch(mpl.path.Path([[0, 0], [1, 1]])))
    axes.legend()
    _, parts = figures.apart(figure)
    change(parts, parts["axes"][0])
    return parts


def line(**said):
    return lambda parts, axes: axes["lines"][0][1].update(said)


def line_style(**said):
    return lambda parts, axes: axes["lines"][0][1]["style"].update(said)


def part(name, place, **said):
    return lambda parts, axes: axes[name][place][1].update(said)


FORGED = {
    "a million points": line(x=np.zeros(10**7), y=np.zeros(10**7)),
    "more x than y": line(x=np.zeros(3)),
    "objects as points": line(x=np.array([[], 1], dtype=object)),
    "a table as points": line(x=np.zeros((2, 2))),
    "words for other points": line(**{"as x": np.array(["a"])}),
    "a list for words": line(**{"as x": ["a", "b"]}),
    "an unknown place": line(**{"in": "display"}),
    "a color to be parsed": line_style(color="$" * 100),
    "a color that is none": line_style(color="nocolor"),
    "a color beyond 1": line_style(color=(2.0, 0.0, 0.0, 1.0)),
    "a marker that is a formula": line_style(marker="$x$"),
    "a marker that is a path": line_style(marker=((0, 0), (1, 1))),
    "dashes of its own": line_style(linestyle=(0, (1, 10**9))),
    "a property of no table": line_style(url="file:///etc/passwd"),
    "a callback": line_style(agg_filter=1),
    "a picker": line_style(picker=True),
    "a long label": line_style(label="x" * 20_000),
    "a width of a billion": line_style(linewidth=1e9),
    "a nan as a width": line_style(linewidth=float("nan")),
    "an unknown line": lambda parts, axes: axes["lines"].append(("Popen", {})),
    "an unknown patch": lambda parts, axes: axes["patches"].append(("FancyBboxPatch", {})),
    "an unknown collection": lambda parts, axes: axes["collections"].append(("Path3DCollection", axes["collections"][0][1])),
    "an unknown image": lambda parts, axes: axes["images"].append(("FigureImage", {})),
    "an unknown text": lambda parts, axes: axes["texts"].append(("TextPath", {})),
    "an unknown container": lambda parts, axes: axes["containers"].append(("object", {"label": ""})),
    "a container of patches that are not there": part("containers", 0, patches=[0, 99]),
    "a negative place": part("containers", 0, patches=[-1]),
    "an endless container": part("containers", 0, error=("BarContainer", {"label": ""})),
    "a width that is none": part("patches", 0, width=float("inf")),
    "a polygon in three dimensions": part("patches", 1, xy=np.zeros((2, 3))),
    "steps that do not fit": part("patches", 2, edges=np.zeros(1)),
    "a curve without its points": part("patches", 3, codes=np.array([1, 4], np.uint8)),
    "a path of other codes": part("patches", 3, codes=np.array([1], np.uint8)),
    "a path that only ends": part("patches", 3, codes=np.array([79, 79], np.uint8)),
    "a formula as a hatch": lambda parts, axes: axes["patches"][0][1]["style"].update(hatch=3),
    "offsets of three numbers": part("collections", 0, offsets=np.zeros((2, 3))),
    "ends beyond the points": part("collections", 1, ends=np.array([2, 99])),
    "ends that go back": part("collections", 1, ends=np.array([99, 4])),
    "a map of colors that is not there": lambda parts, axes: axes["images"][0][1]["mapping"].update(cmap="os"),
    "a huge map of colors": lambda parts, axes: axes["images"][0][1]["mapping"].update(own=np.zeros((10**5, 4))),
    "a norm of its own": lambda parts, axes: axes["images"][0][1]["mapping"].update(norm="FuncNorm"),
    "an image of seven channels": part("images", 0, array=np.zeros((2, 2, 7))),
    "an image of objects": part("images", 0, array=np.array([[None]], dtype=object)),
    "a scale of a function": lambda parts, axes: axes["x"].update(scale="function"),
    "a scale with another parameter": lambda parts, axes: axes["x"].update(scaled={"functions": 1}),
    "a logarithm to base 1": lambda parts, axes: axes["x"].update(scale="log", scaled={"base": 1}),
    "limits that are none": lambda parts, axes: axes["x"].update(limits=[0, float("inf")]),
    "fewer labels than ticks": lambda parts, axes: axes["x"].update(ticks=(np.zeros(2), ["a"])),
    "a million ticks": lambda parts, axes: axes["x"].update(ticks=(np.arange(10**6), None)),
    "three dimensions": lambda parts, axes: axes.update(projection="3d"),
    "a grid of a billion": lambda parts, axes: axes.update(cells=[10**9, 10**9, 0, 0]),
    "a cell outside of its grid": lambda parts, axes: axes.update(cells=[1, 1, 0, 5]),
    "seventy axes": lambda parts, axes: parts["axes"].extend([axes] * 70),
    "a thousand legends": lambda parts, axes: parts["axes"][0]["legend"].update(texts=["x"] * 1_000),
    "ten thousand lines": lambda parts, axes: axes["lines"].extend([axes["lines"][0]] * 10_000),
    "a figure of a kilometer": lambda parts, axes: parts.update(size=[1e4, 1e4]),
    "a figure of nothing": lambda parts, axes: parts.update(size=[float("nan"), 1]),
    "axes that are not there": lambda parts, axes: parts.update(now=5),
    "a part that is missing": lambda parts, axes: parts.pop("axes"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_figure_is_refused(name):
    with pytest.raises((RefusedValue, MalformedFrame)):
        got("figure", changed(FORGED[name]))


def test_an_unchanged_figure_is_rebuilt():
    assert got("figure", changed(lambda *_: None)).axes[0].lines[0].get_label() == "a"


PLACES = [(0, "lines", 99), (0, "lines", -1), (0, "spines", 0), (50, "self", 0), (-1, "super", 1), ("0", "lines", 0)]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_place_that_is_not_there_is_malformed(place):
    with pytest.raises(MalformedFrame):
        got("artist", (plotted()[0], *place))


@pytest.mark.parametrize("parts", [[1, 2], (3, 0, "lines", 0), (None, 0, "lines", 0)], ids=str)
def test_a_figure_that_is_none_is_malformed(parts):
    with pytest.raises(MalformedFrame):
        got("artist", parts)


def test_many_figures_are_refused():
    with pytest.raises(RefusedValue, match="too many"):
        across([Figure() for _ in range(30)])


def test_without_its_guard_a_million_points_would_be_drawn(monkeypatch):
    parts = changed(line(x=np.zeros(3 * 10**6), y=np.zeros(3 * 10**6)))
    monkeypatch.setattr(figures, "MAX_NUMBERS", 10**9)
    assert len(got("figure", parts).axes[0].lines[0].get_xdata()) == 3 * 10**6


def test_without_its_guard_a_formula_would_be_set(monkeypatch):
    monkeypatch.setattr(artists, "_MARKERS", lambda value: value)
    monkeypatch.setitem(artists._LINE, "marker", lambda value: value)
    assert got("figure", changed(line_style(marker="$x$"))).axes[0].lines[0].get_marker() == "$x$"


def test_where_matplotlib_is_missing_the_refusal_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(RefusedValue, match="Matplotlib is not installed"):
        got("figure", {})


def test_colors_are_equal_however_they_are_written():
    _, axes = plt.subplots()
    for color in ("red", "C1", "0.5", "#abc", "tab:blue", (0.1, 0.2, 0.3)):
        (drawn,) = axes.plot([1], color=color)
        assert to_rgba(across(drawn).get_color()) == to_rgba(color)


@pytest.mark.slow
def test_damaged_figures_never_make_the_reader_stumble():
    small = got("figure", changed(lambda *_: None))
    counts = damaged([small, small.axes[0].lines[0], plt.subplots()[1]], 500)
    assert counts["values"] > 50 and counts["malformed"] > 200
