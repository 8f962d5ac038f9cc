"""Takes Matplotlib's figures apart into their data, and rebuilds them as figures with real axes and artists.

Axes, and what is drawn in them, cross as their figure and their place in it. So their figure comes along, and all that
belong to one figure do so on the other side, too: a figure is sent once for each frame.

What is sent: size, titles and texts; for all axes their position, titles, limits, scales, ticks that were set, grid and
legend; lines, patches, collections, images, texts and containers. What is left out: callbacks, formatters, tables,
custom transformations, which axes are shared, markers that are paths.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from autograder.errors import RefusedValue
from autograder.sandbox.wire.kinds import artists
from autograder.sandbox.wire.kinds.artists import (
    TEXT,
    add_collection,
    add_image,
    add_line,
    add_patch,
    add_text,
    collection_parts,
    color,
    flag,
    image_parts,
    legend_of,
    legend_parts,
    line_parts,
    matplotlib,
    number,
    numbers,
    one_of,
    optional,
    patch_parts,
    set_text,
    size,
    taken,
    text,
    text_parts,
)
from autograder.sandbox.wire.kinds.standard_types import of, rebuilding

SHARED = "figure"
MAX_AXES = 64
MAX_ARTISTS = 5_000  # of a figure, ticks with labels among them
MAX_NUMBERS = 2_000_000  # in all arrays of a figure
MAX_ITEMS = 200_000  # numbers and names outside of arrays
MAX_INCHES = 10_000  # square inches of a figure
MAX_DPI = 1_000
_TITLES = "center", "left", "right"
_SUPER = "suptitle", "supxlabel", "supylabel"
_CHILDREN = "lines", "patches", "collections", "images", "texts"
_TAKE = dict(zip(_CHILDREN, (line_parts, patch_parts, collection_parts, image_parts, text_parts), strict=True))
_ADD = dict(zip(_CHILDREN, (add_line, add_patch, add_collection, add_image, add_text), strict=True))
# The parameters of a scale, by the names that both its transformation and `set_xscale` have.
_SCALES: dict[str, tuple[str, ...]] = {
    "linear": (),
    "log": ("base",),
    "symlog": ("base", "linthresh", "linscale"),
    "asinh": ("linear_width",),
    "logit": (),
}


class Origin(NamedTuple):
    """What pyplot knew of a figure on the other side: its number, and whether it was the current one."""

    number: int | None
    current: bool


_ORIGINS: weakref.WeakKeyDictionary[Any, Origin] = weakref.WeakKeyDictionary()


# --- where an artist is in its figure --------------------------------------------------------------------------------


def _members(figure: Any) -> dict[tuple[int, str], list[Any]]:
    """Every artist that can cross, by the number of its axes (-1 for the figure itself) and the name of the list."""
    found = {
        (-1, "self"): [figure],
        (-1, "super"): [_super(figure, name) for name in _SUPER],
        (-1, "texts"): _own_texts(figure),
        (-1, "legends"): list(figure.legends),
    }
    for place, axes in enumerate(figure.axes):
        legend = axes.get_legend()
        found |= {(place, name): list(getattr(axes, name)) for name in _CHILDREN}
        found |= {
            (place, "self"): [axes],
            (place, "containers"): list(axes.containers),
            (place, "titles"): [axes.title, axes._left_title, axes._right_title],
            (place, "labels"): [axes.xaxis.label, axes.yaxis.label],
            (place, "legend"): [legend] if legend else [],
            (place, "legend texts"): [*legend.get_texts(), legend.get_title()] if legend else [],
        }
    return found


def _super(figure: Any, name: str) -> Any:
    return getattr(figure, f"_{name}", None)


def _own_texts(figure: Any) -> list[Any]:
    ours = [_super(figure, name) for name in _SUPER]
    return [one for one in figure.texts if not any(one is other for other in ours)]


@lru_cache(maxsize=1)
def _types() -> dict[type, str]:
    library = matplotlib()
    names = {
        "axes": "Axes", "lines": "Line2D AxLine", "text": "Text Annotation", "image": "AxesImage", "legend": "Legend",
        "projections.polar": "PolarAxes", "container": "BarContainer ErrorbarContainer StemContainer",
        "patches": "Rectangle Circle Ellipse Wedge Polygon StepPatch PathPatch FancyArrow Arc Arrow RegularPolygon FancyBboxPatch",
        "collections": "PathCollection LineCollection PolyCollection FillBetweenPolyCollection QuadMesh EventCollection",
        "contour": "QuadContourSet", "quiver": "Quiver",
    }  # fmt: skip
    modules = {module: sys.modules.get(f"matplotlib.{module}") for module in names}
    places = [(modules[module], name) for module, some in names.items() for name in some.split()]
    found: dict[type, str] = {getattr(module, name): "artist" for module, name in places if hasattr(module, name)}
    found[library.figure.Figure] = SHARED
    found |= {pie: "pie"} if (pie := getattr(modules["container"], "PieContainer", None)) else {}
    found[library.cbook.silent_list] = found[library.axes.Axes.ArtistList] = "artists"
    return found


# --- taking apart ----------------------------------------------------------------------------------------------------


def apart(value: Any) -> tuple[str, Any] | None:
    """The name of the kind of a figure or artist and its parts; None for any other. Raises ValueError if refused."""
    # A module of this name may be the student's own.
    if not hasattr(sys.modules.get("matplotlib.figure"), "Figure"):
        return None
    name = _types().get(type(value))
    if name == SHARED:
        return name, _figure_parts(value)
    if name == "artists":
        return name, list(value)
    if name == "pie":
        return name, (list(value.wedges), list(map(list, value._texts)), value.values.copy(), bool(value._normalize))
    return (name, _place(value)) if name else None


def _place(artist: Any) -> tuple[Any, int, str, int]:
    first = artist
    while isinstance(first, tuple | list):  # a container is where its parts are
        parts = [one for one in first if one is not None]
        if not parts:
            raise ValueError("an empty container cannot cross by itself")
        first = parts[0]
    figure = first.get_figure(root=True)
    if figure is None or type(figure) is not matplotlib().figure.Figure:
        raise ValueError("it is not part of a figure")
    for (axes, name), some in _members(figure).items():
        for place, one in enumerate(some):
            if one is artist:
                return figure, axes, name, place
    raise ValueError("it is of a part of a figure that does not cross")


def _figure_parts(figure: Any) -> dict[str, Any]:
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    manager = getattr(figure.canvas, "manager", None)
    known: Any = manager if helpers and manager in helpers.Gcf.get_all_fig_managers() else None
    if figure.subfigs or len(figure.axes) > MAX_AXES:
        raise ValueError(f"a figure with subfigures, or with more than {MAX_AXES} axes, cannot cross")
    current = figure._axstack.current()
    parts = {
        "size": [size(side) for side in figure.get_size_inches()],
        "dpi": size(figure.dpi),
        "facecolor": color(figure.get_facecolor()),
        "label": text(str(figure.get_label())),
        "super": [_written(_super(figure, name)) for name in _SUPER],
        "texts": [[number(one) for one in text_.get_position()] + [_written(text_)] for text_ in _own_texts(figure)],
        "legends": [legend_parts(legend) for legend in figure.legends],
        "axes": [_axes_parts(axes) for axes in figure.axes],
        "now": next((place for place, axes in enumerate(figure.axes) if axes is current), None),
        "number": int(known.num) if known is not None and type(known.num) is int else None,
        "current": bool(known is not None and helpers and helpers.Gcf.get_active() is known),
    }
    _check_weight(parts)
    return parts


def _written(artist: Any) -> dict | None:
    return None if artist is None else taken(artist, TEXT)


def _axes_parts(axes: Any) -> dict[str, Any]:
    if _types().get(type(axes)) != "artist":
        raise ValueError(f"axes of type '{type(axes).__name__[:50]}' cannot cross")
    spec, legend = axes.get_subplotspec(), axes.get_legend()
    ids = {name: {id(one): place for place, one in enumerate(getattr(axes, name))} for name in _CHILDREN}
    return {
        "projection": axes.name,
        "position": [number(part) for part in axes.get_position(original=True).bounds],
        "cells": None if spec is None else [int(part) for part in spec.get_geometry()],
        "label": text(str(axes.get_label())),
        "titles": [_written(one) for one in (axes.title, axes._left_title, axes._right_title)],
        "facecolor": color(axes.get_facecolor()),
        "aspect": axes.get_aspect() if axes.get_aspect() == "auto" else number(axes.get_aspect()),
        "on": flag(axes.axison),
        "visible": flag(axes.get_visible()),
        "frame": flag(axes.get_frame_on()),
        "spines": [flag(axes.spines[side].get_visible()) for side in _spines(axes)],
        "x": _axis_parts(axes.xaxis, axes.get_xlim()),
        "y": _axis_parts(axes.yaxis, axes.get_ylim()),
        **{name: [_TAKE[name](axes, one) for one in getattr(axes, name)] for name in _CHILDREN},
        "containers": [_container_parts(one, ids) or ("Container", {"label": ""}) for one in axes.containers],
        "legend": None if legend is None else legend_parts(legend),
    }


def _spines(axes: Any) -> list[str]:
    return [side for side in ("left", "right", "bottom", "top") if side in axes.spines]


def _axis_parts(axis: Any, limits: Iterable[Any]) -> dict[str, Any]:
    scale, transform = axis.get_scale(), axis.get_transform()
    if scale not in _SCALES:
        raise ValueError(f"the scale '{str(scale)[:50]}' of an axis cannot cross")
    return {
        "label": _written(axis.label),
        "limits": [number(limit) for limit in limits],
        "scale": scale,
        "scaled": {name: number(getattr(transform, name)) for name in _SCALES[scale]},
        "ticks": _ticks(axis),
        "grid": flag(axis.get_tick_params(which="major").get("gridOn", False)),
    }


def _ticks(axis: Any) -> tuple[np.ndarray, list[str] | None] | None:
    """The places of ticks and their labels, where they are not those that every axis of its scale has."""
    converter = axis.get_converter() if hasattr(axis, "get_converter") else axis.converter
    if axis.isDefault_majloc and axis.isDefault_majfmt and converter is None:
        return None
    places = numbers(1)(np.asarray(axis.get_majorticklocs(), dtype=float))
    if axis.isDefault_majfmt and converter is None:
        return places, None
    labels = [text(label.get_text()) for label in axis.get_majorticklabels()][: len(places)]
    return places, labels + [""] * (len(places) - len(labels))  # axes that share an axis may hide them


def _container_parts(container: Any, ids: dict[str, dict[int, int]]) -> tuple[str, dict] | None:
    """A container as the places of its parts; None if one of them is in these axes no longer."""
    library = matplotlib()

    def at(name: str, some: Iterable[Any]) -> list[int]:
        return [ids[name][id(one)] for one in some]

    try:
        match type(container).__name__:
            case "BarContainer":
                values = container.datavalues
                error = container.errorbar and _container_parts(container.errorbar, ids)
                parts = {
                    "patches": at("patches", container.patches),
                    "values": None if values is None else numbers(1)(np.asarray(values)),
                    "orientation": container.orientation,
                    "error": error,
                }
            case "ErrorbarContainer":
                line, caps, bars = container.lines
                parts = {
                    "line": at("lines", [line] if line is not None else []),
                    "caps": at("lines", caps),
                    "bars": at("collections", bars),
                    "has": [flag(container.has_xerr), flag(container.has_yerr)],
                }
            case "StemContainer":
                parts = {
                    "lines": at("lines", [container.markerline, container.baseline]),
                    "stems": at("collections", [container.stemlines]),
                }
            case _:
                return None
    except KeyError:
        return None
    kind = type(container).__name__
    if type(container) is not getattr(library.container, kind):
        raise ValueError(f"a container of type '{kind[:50]}' cannot cross")
    label = container.get_label()
    return kind, parts | {"label": label if type(label) is str else ""}


def _check_weight(parts: Any) -> None:
    """Raise ValueError if a figure has more artists, numbers or items than it may have."""
    artists_, numbers_, items, waiting = 0, 0, 0, [parts]
    while waiting:
        part = waiting.pop()
        if type(part) is dict:
            artists_ += "style" in part or "text" in part
            items += len(part)
            waiting += part.values()
        elif type(part) in (list, tuple):
            items += len(part)
            waiting += part
        elif isinstance(part, np.ndarray):
            numbers_ += part.size
        elif type(part) is str and len(part) > artists.MAX_TEXT:
            raise ValueError("a text in this figure is too long")
        if artists_ > MAX_ARTISTS or numbers_ > MAX_NUMBERS or items > MAX_ITEMS:
            raise ValueError("this figure shows too much: it has too many lines, bars or points")


# --- rebuilding ------------------------------------------------------------------------------------------------------


def _figure(parts: Any) -> Any:
    """Rebuild a figure. Whatever is wrong with one part, a check or the library refuses the whole figure."""
    with rebuilding("this figure"):
        _check_weight(of(dict, parts))
        library = matplotlib()
        with library.rc_context({"text.usetex": False, "text.parse_math": False, "figure.autolayout": False}):
            made = _filled(library, parts)
    return made


def _filled(library: Any, parts: dict) -> Any:
    if len(of(list, parts["axes"])) > MAX_AXES:
        raise ValueError("it has too many axes")
    ticks = [axes[way]["ticks"] for axes in parts["axes"] for way in "xy"]
    if sum(len(places[0]) for places in ticks if places is not None) > MAX_ARTISTS:
        raise ValueError("it has too many ticks")
    wide, high = (max(size(side), 0.01) for side in parts["size"])
    if wide * high > MAX_INCHES:
        raise ValueError("it is too large")
    made = library.figure.Figure(figsize=(wide, high), dpi=min(max(size(parts["dpi"]), 1), MAX_DPI))
    made.set_facecolor(color(parts["facecolor"]))
    made.set_label(text(parts["label"]))
    for name, properties in zip(_SUPER, parts["super"], strict=True):
        if properties is not None:
            set_text(getattr(made, name)("-"), properties)
    for x, y, properties in parts["texts"]:
        set_text(made.text(number(x), number(y), ""), properties)
    for one in parts["axes"]:
        _add_axes(made, of(dict, one))
    for one in parts["legends"]:
        legend_of(made, one)
    now, numbered = parts["now"], optional(lambda value: of(int, value))(parts["number"])
    if now is not None:
        made.sca(made.axes[_at(now, made.axes)])
    if numbered is not None and not 0 <= numbered < 2**31:
        raise ValueError("expected the number of a figure")
    _ORIGINS[made] = Origin(numbered, flag(parts["current"]))
    return made


def _at(place: Any, some: Any) -> int:
    if type(place) is not int or not 0 <= place < len(some):
        raise ValueError("expected the place of an artist")
    return place


def _add_axes(figure: Any, parts: dict) -> None:
    library = matplotlib()
    x, y, wide, high = map(number, parts["position"])
    if not (wide >= 0 and high >= 0):
        raise ValueError("expected the position of axes")
    projection = one_of("rectilinear", "polar")(parts["projection"])
    axes = figure.add_axes((x, y, wide, high), projection=projection, label=text(parts["label"]))
    if parts["cells"] is not None:
        rows, columns, first, last = (of(int, part) for part in parts["cells"])
        if not (0 < rows <= 100 and 0 < columns <= 100 and 0 <= first <= last < rows * columns):
            raise ValueError("expected where axes are in a grid")
        grid = library.gridspec.GridSpec(rows, columns, figure=figure)
        axes.set_subplotspec(library.gridspec.SubplotSpec(grid, first, last))
        axes.set_position((x, y, wide, high), which="both")
    for name in _CHILDREN:
        for kind, one in of(list, parts[name]):
            _ADD[name](axes, of(str, kind), of(dict, one))
    for name in "xy":
        _set_scale(axes, name, of(dict, parts[name]))
    for kind, one in of(list, parts["containers"]):
        axes.add_container(_container(axes, kind, of(dict, one)))
    for side, properties in zip(_TITLES, parts["titles"], strict=True):
        set_text(axes.set_title("", loc=side), properties)
    axes.set_facecolor(color(parts["facecolor"]))
    for side, shown in zip(_spines(axes), of(list, parts["spines"]), strict=True):
        axes.spines[side].set_visible(flag(shown))
    for name in "xy":
        _set_axis(axes, name, parts[name])
    axes.set_aspect("auto" if parts["aspect"] == "auto" else max(number(parts["aspect"]), 1e-9))
    if parts["legend"] is not None:
        legend_of(axes, parts["legend"])
    axes.set_visible(flag(parts["visible"]))
    axes.set_frame_on(flag(parts["frame"]))
    if not flag(parts["on"]):
        axes.set_axis_off()


def _set_scale(axes: Any, name: str, parts: dict) -> None:
    scale, scaled = parts["scale"], of(dict, parts["scaled"])
    if type(scale) is not str or scaled.keys() != set(_SCALES[scale]):
        raise ValueError("expected a scale and its parameters")
    if any(not 0 < number(one) < 1e9 or (one == 1 and key == "base") for key, one in scaled.items()):
        raise ValueError("expected parameters that a scale can have")
    if scale != "linear":
        getattr(axes, f"set_{name}scale")(scale, **scaled)


def _set_axis(axes: Any, name: str, parts: dict) -> None:
    axis = getattr(axes, f"{name}axis")
    set_text(axis.label, parts["label"])
    if parts["ticks"] is not None:
        places, labels = parts["ticks"]
        if labels is not None and len(of(list, labels)) != len(numbers(1)(places)):
            raise ValueError("expected a label for each tick")
        axis.set_ticks(numbers(1)(places), labels=None if labels is None else list(map(text, labels)))
        for tick in axis.get_major_ticks() if labels is not None else ():
            tick.label1.set_parse_math(False)
            tick.label2.set_parse_math(False)
    if flag(parts["grid"]):
        axis.grid(True)
    low, high = map(number, parts["limits"])
    getattr(axes, f"set_{name}lim")(low, high)


def _container(axes: Any, kind: str, parts: dict) -> Any:
    library = matplotlib().container

    def of_(name: str, places: Any) -> list[Any]:
        some = list(getattr(axes, name))
        return [some[_at(place, some)] for place in of(list, places)]

    label = text(parts["label"])
    match kind:
        case "BarContainer":
            values, way = optional(numbers(1))(parts["values"]), parts["orientation"]
            error = None if parts["error"] is None else parts["error"]
            return library.BarContainer(
                of_("patches", parts["patches"]),
                error and _container(axes, one_of("ErrorbarContainer")(error[0]), of(dict, error[1])),
                datavalues=values,
                orientation=one_of("vertical", "horizontal", None)(way),
                label=label,
            )
        case "ErrorbarContainer":
            line, (across_, along) = of_("lines", parts["line"]), map(flag, parts["has"])
            caps, bars = tuple(of_("lines", parts["caps"])), tuple(of_("collections", parts["bars"]))
            lines = (line[0] if line else None, caps, bars)
            return library.ErrorbarContainer(lines, has_xerr=across_, has_yerr=along, label=label)
        case "StemContainer":
            (marker, base), (stems,) = of_("lines", parts["lines"]), of_("collections", parts["stems"])
            return library.StemContainer((marker, stems, base), label=label)
        case "Container":  # of a kind that does not cross; the next ones keep their places
            return library.Container((), label=label)
        case _:
            raise ValueError("expected a container")


def _artist(parts: Any) -> Any:
    figure, axes, name, place = of(tuple, parts)
    of(matplotlib().figure.Figure, figure)
    some = _received(figure)[of(int, axes), of(str, name)]
    found = some[_at(place, some)]
    if found is None:
        raise ValueError("expected the place of an artist")
    return found


# A frame may refer to many artists of a figure, which nobody has changed since it was rebuilt.
_received = lru_cache(maxsize=20)(_members)


def _pie(parts: Any) -> Any:
    """What `pie` returns since Matplotlib 3.11; it is among no axes' containers."""
    wedges, texts, values, normalize = parts
    library = matplotlib()
    for one in of(list, wedges):
        of(library.patches.Wedge, one)
    made = library.container.PieContainer(wedges, numbers(1)(values), flag(normalize))
    for some in of(list, texts):
        made.add_texts([of((library.text.Text, library.text.Annotation), one) for one in of(list, some)])
    return made


KINDS: dict[str, Callable[[Any], Any]] = {
    SHARED: _figure,
    "artist": _artist,
    "artists": lambda parts: of(list, parts),
    "pie": _pie,
}


# --- pyplot's figures ------------------------------------------------------------------------------------------------


def open_figures() -> list[Any]:
    """The figures that pyplot has open in this process, by their numbers; none if pyplot was never imported."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    if helpers is None:
        return []
    managers = sorted(helpers.Gcf.get_all_fig_managers(), key=lambda manager: manager.num)
    return [manager.canvas.figure for manager in managers]


def adopt(figures: Iterable[Any]) -> None:
    """Make these the only figures that pyplot has open, with the numbers and the current one of the other side.

    Raises:
        RefusedValue: Matplotlib is not installed here, or one of them is no figure.
    """
    library = matplotlib()
    from matplotlib import pyplot  # noqa: PLC0415, it takes half a second
    from matplotlib._pylab_helpers import Gcf  # noqa: PLC0415
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    figures = list(figures)
    if any(type(figure) is not library.figure.Figure for figure in figures):
        raise RefusedValue("expected figures of Matplotlib's own class.")
    pyplot.close("all")
    used: set[int] = set()
    current = None
    for figure in figures:
        origin = _ORIGINS.get(figure, Origin(None, False))
        free = next(n for n in range(1, len(figures) + 2) if n not in used)
        own = origin.number if origin.number is not None and origin.number not in used else free
        used.add(own)
        manager = FigureCanvasAgg.new_manager(figure, own)
        Gcf._set_new_active_manager(manager)
        current = manager if origin.current else current
    if current is not None:
        Gcf.set_active(current)
