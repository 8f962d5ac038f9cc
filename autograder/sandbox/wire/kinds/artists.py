"""Takes what is drawn in Matplotlib's axes apart: lines, patches, collections, images, texts, legends.

Each artist becomes its class and its properties, by name; a table has a check for each property, which also brings it
into the form that is sent. Colors are numbers or names that Matplotlib knows, and all other names are those of a table.
No text is set as a formula, and nothing is drawn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.errors import RefusedValue
from autograder.sandbox.wire.kinds.standard_types import of

MAX_TEXT = 10_000
MAX_COLORS = 1_024  # of a color map
Check = Callable[[Any], Any]


def matplotlib() -> Any:
    """The library, with the modules that figures consist of. Raises RefusedValue if it is not installed here."""
    try:
        import matplotlib.collections  # noqa: PLC0415, it takes half a second
        import matplotlib.container  # noqa: PLC0415
        import matplotlib.figure  # noqa: PLC0415
        import matplotlib.image  # noqa: PLC0415
        import matplotlib.legend  # noqa: PLC0415
        import matplotlib.patches  # noqa: PLC0415
    except ImportError as error:
        raise RefusedValue("Matplotlib is not installed where the tests run.") from error
    return matplotlib


# --- checks of properties --------------------------------------------------------------------------------------------


def number(value: Any) -> float:
    """A number that is not infinite and no NaN; one that is whole stays so."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError("expected a number")
    if not math.isfinite(value) or abs(float(value)) > 1e300:
        raise ValueError("expected a finite number")
    whole: float = int(value) if isinstance(value, int | np.integer) else float(value)
    return whole


def size(value: Any) -> float:
    """A number of points or pixels."""
    if not 0 <= number(value) <= 10_000:
        raise ValueError("expected a size that can be drawn")
    return number(value)


def extent(value: Any) -> float:
    """A number that may also be NaN: a bar of a missing value has no height."""
    return math.nan if isinstance(value, float | np.floating) and math.isnan(value) else number(value)


def flag(value: Any) -> bool:
    """True or False."""
    return bool(of((bool, np.bool_), value))


def text(value: Any) -> str:
    """A text of limited length."""
    if len(of(str, value)) > MAX_TEXT:
        raise ValueError("a text is too long")
    return value


def point(value: Any) -> tuple[float, float]:
    """Two numbers."""
    x, y = value
    return number(x), number(y)


def corner(value: Any) -> tuple[float, float]:
    """Two numbers, of which any may be NaN."""
    x, y = value
    return extent(x), extent(y)


def one_of(*names: Any) -> Check:
    """A check for one of these names."""

    def check(value: Any) -> Any:
        if type(value) not in (str, int, type(None)) or value not in names:
            raise ValueError("expected a known name")
        return value

    return check


def optional(check: Check) -> Check:
    """A check that lets None through."""
    return lambda value: None if value is None else check(value)


def numbers(*dimensions: int, wide: int | None = None) -> Check:
    """A check for an array of numbers with so many dimensions, of which the last has a given size."""

    def check(value: Any) -> np.ndarray:
        array = np.asarray(value) if type(value) in (list, tuple, np.memmap) else value
        if type(array) not in (np.ndarray, np.ma.MaskedArray) or array.dtype.kind not in "biuf":
            raise ValueError("expected an array of numbers")
        if array.ndim not in dimensions or (wide is not None and array.shape[-1] != wide):
            raise ValueError("an array of numbers has another shape")
        return array

    return check


def color(value: Any) -> Any:
    """A color as red, green, blue and opacity from 0 to 1, or by a name that Matplotlib knows."""
    if type(value) is str:
        if re.fullmatch(r"#[0-9a-fA-F]{3,8}|[\w: /()'.-]{1,60}", value, re.ASCII) is None:
            raise ValueError("expected the name of a color")
        matplotlib().colors.to_rgba(value)
        return value
    parts = tuple(float(number(part)) for part in value)
    if not 3 <= len(parts) <= 4 or not all(0 <= part <= 1 for part in parts):
        raise ValueError("expected the parts of a color")
    return parts


def colors(value: Any) -> np.ndarray:
    """Any number of colors, as rows of four numbers."""
    array = np.asarray(numbers(2, wide=4)(value), dtype=float)
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        raise ValueError("expected the parts of colors")
    return array


_COMMON: dict[str, Check] = {"label": text, "visible": flag, "zorder": number, "alpha": optional(number)}
_STROKE = one_of("-", "--", "-.", ":", "None", "solid", "dashed", "dashdot", "dotted")
_MARKERS = one_of(*".,ov^<>12348spP*hH+xXDd|_", *range(12), "None", "none", " ", "", None)
_LINE: dict[str, Check] = _COMMON | {
    "color": color, "linewidth": size, "linestyle": _STROKE, "marker": _MARKERS, "markersize": size, "markerfacecolor": color, "markeredgecolor": color,
    "markeredgewidth": size, "drawstyle": one_of("default", "steps", "steps-pre", "steps-mid", "steps-post"),
    "fillstyle": one_of("full", "left", "right", "bottom", "top", "none"),
}  # fmt: skip
_PATCH: dict[str, Check] = _COMMON | {
    "facecolor": color, "edgecolor": color, "linewidth": size, "linestyle": _STROKE, "fill": flag,
    "hatch": optional(lambda value: value if re.fullmatch(r"[-+x\\/|oO.*]{1,20}", of(str, value)) else None),
}  # fmt: skip
_COLLECTION: dict[str, Check] = _COMMON | {"facecolors": colors, "edgecolors": colors, "linewidths": numbers(1)}
_SIDES = "left", "right", "center"
_WEIGHTS = "ultralight light normal regular book medium roman semibold demibold demi bold heavy extra black".split()
TEXT: dict[str, Check] = _COMMON | {
    "text": text, "color": color, "fontsize": size, "rotation": number, "horizontalalignment": one_of(*_SIDES),
    "verticalalignment": one_of("top", "bottom", "center", "baseline", "center_baseline"),
    "fontstyle": one_of("normal", "italic", "oblique"), "fontweight": one_of(*_WEIGHTS, *range(0, 1001, 100), 1000),
}  # fmt: skip
TEXT.pop("label")
_COORDINATES = one_of(
    "data", "offset points", "offset pixels", *(f"{of_} {unit}" for of_ in ("axes", "figure", "subfigure") for unit in ("fraction", "points", "pixels"))
)  # fmt: skip


def taken(artist: Any, table: dict[str, Check]) -> dict[str, Any]:
    """The properties of a table that an artist has, as they are sent. One that cannot be sent is left out."""
    found = {}
    for name, check in table.items():
        try:
            value = getattr(artist, f"get_{name}")()
            found[name] = check(value.copy() if isinstance(value, np.ndarray) else value)
        except (ValueError, TypeError, AttributeError, KeyError):
            continue
    return found


def given(artist: Any, table: dict[str, Check], properties: Any) -> Any:
    """The artist with these properties. Raises ValueError, KeyError if one does not pass its check."""
    for name, value in of(dict, properties).items():
        getattr(artist, f"set_{name}")(table[name](value))
    return artist


def set_text(artist: Any, properties: Any) -> Any:
    """The text with these properties; it is never set as a formula."""
    artist.set_usetex(False)
    artist.set_parse_math(False)
    return given(artist, TEXT, properties)


# --- transformations, by name ----------------------------------------------------------------------------------------


def _transforms(axes: Any) -> dict[str, Any]:
    return {
        "data": axes.transData,
        "axes": axes.transAxes,
        "along x": axes.get_xaxis_transform(which="grid"),
        "along y": axes.get_yaxis_transform(which="grid"),
        "figure": axes.get_figure(root=True).transFigure,
    }


def _transform_name(axes: Any, transform: Any) -> str:
    known = _transforms(axes)
    known["along x "], known["along y "] = axes.get_xaxis_transform(), axes.get_yaxis_transform()
    return next((name.strip() for name, one in known.items() if transform == one), "data")


# --- colors of numbers -----------------------------------------------------------------------------------------------


def _mapping(artist: Any) -> dict[str, Any]:
    """How an image or a collection makes colors of its numbers."""
    library = matplotlib()
    cmap, norm = artist.get_cmap(), type(artist.norm).__name__
    own = cmap.name not in library.colormaps
    return {
        "cmap": cmap.name if not own else None,
        "own": cmap(np.arange(cmap.N)) if own and cmap.N <= MAX_COLORS else None,
        "norm": norm if norm in _NORMS else "Normalize",
        "limits": [_limit(limit) for limit in artist.get_clim()],
    }


_NORMS = "Normalize", "LogNorm"


def _limit(value: Any) -> float | None:
    """A limit of colors, which may be a boolean, as the array is; None if nothing in the array is a number."""
    return None if value is None or value is np.ma.masked or not math.isfinite(value) else number(float(value))


def _set_mapping(artist: Any, mapping: Any) -> None:
    library = matplotlib()
    name, own, norm, limits = (of(dict, mapping)[part] for part in ("cmap", "own", "norm", "limits"))
    if name is not None and (type(name) is not str or name not in library.colormaps):
        raise ValueError("expected the name of a color map")
    if own is not None:
        if not 0 < len(colors(own)) <= MAX_COLORS:
            raise ValueError("a color map has too many colors")
        artist.set_cmap(library.colors.ListedColormap(colors(own)))
    elif name is not None:
        artist.set_cmap(library.colormaps[name])
    low, high = map(optional(number), limits)
    artist.set_norm(getattr(library.colors, one_of(*_NORMS)(norm))(low, high))


# --- lines -----------------------------------------------------------------------------------------------------------


def line_parts(axes: Any, line: Any) -> tuple[str, dict]:
    """A line as its points and properties."""
    library = matplotlib()
    if type(line) is library.lines.AxLine:
        first, second, slope = line.get_xy1(), line.get_xy2(), line.get_slope()
        parts: dict[str, Any] = {"first": point(first), "slope": optional(number)(slope)}
        return "AxLine", parts | {"second": optional(point)(second), "style": taken(line, _LINE)}
    if type(line) is not library.lines.Line2D:
        raise ValueError(f"a line of type '{type(line).__name__}' cannot cross")
    parts = {"style": taken(line, _LINE), "in": _transform_name(axes, line.get_transform())}
    for name in ("x", "y"):
        original = getattr(line, f"get_{name}data")(orig=True)
        try:
            parts[name] = numbers(1)(original)
        except ValueError:
            parts[name] = np.ma.filled(getattr(line, f"get_{name}data")(orig=False), np.nan)
            array = np.asarray(original)
            # Days and words are numbers in the picture; a test may ask for either.
            if array.dtype.kind in "OUMm" and array.shape == parts[name].shape:
                parts[f"as {name}"] = array
    return "Line2D", parts


def add_line(axes: Any, kind: str, parts: dict) -> None:
    """Draw a line of such parts."""
    library = matplotlib()
    if kind == "AxLine":
        second, slope = optional(point)(parts["second"]), optional(number)(parts["slope"])
        given(axes.axline(point(parts["first"]), second, slope=slope), _LINE, parts["style"])
        return
    if kind != "Line2D":
        raise ValueError("expected a line")
    x, y = numbers(1)(parts["x"]), numbers(1)(parts["y"])
    if len(x) != len(y):
        raise ValueError("a line needs as many x as y")
    line = given(library.lines.Line2D(x, y), _LINE, parts["style"])
    line.set_transform(_transforms(axes)[parts["in"]])
    axes.add_line(line)
    line.recache()
    for name in ("x", "y"):
        if f"as {name}" in parts:
            array = of(np.ndarray, parts[f"as {name}"])
            if array.shape != x.shape:
                raise ValueError("a line needs as many words as numbers")
            setattr(line, f"_{name}orig", array)


# --- patches ---------------------------------------------------------------------------------------------------------

# The arguments of each class, by the name of its getter.
_SHAPES: dict[str, dict[str, Check]] = {
    "Rectangle": {"xy": corner, "width": extent, "height": extent, "angle": number},
    "Circle": {"center": point, "radius": number},
    "Ellipse": {"center": point, "width": extent, "height": extent, "angle": number},
    "Wedge": {"center": point, "r": number, "theta1": number, "theta2": number, "width": optional(number)},
}
_MOVE, _LINE_TO, _CLOSE = 1, 2, 79


def patch_parts(axes: Any, patch: Any) -> tuple[str, dict]:
    """A patch as its shape and properties; one of a rare class becomes a path."""
    library = matplotlib()
    kind = type(patch).__name__
    if type(patch) is not getattr(library.patches, kind, None):
        raise ValueError(f"a patch of type '{kind[:50]}' cannot cross")
    parts: dict[str, Any] = {"style": taken(patch, _PATCH), "in": _transform_name(axes, patch.get_data_transform())}
    if kind in _SHAPES:
        getters = {name: getattr(patch, f"get_{name}", None) for name in _SHAPES[kind]}
        shape = {name: get() if get else getattr(patch, name) for name, get in getters.items()}
        return kind, parts | {name: check(shape[name]) for name, check in _SHAPES[kind].items()}
    if kind == "Polygon":
        return kind, parts | {"xy": numbers(2, wide=2)(patch.get_xy()), "closed": flag(patch.get_closed())}
    if kind == "StepPatch":
        data = patch.get_data()
        arrays = {"values": numbers(1)(data.values), "edges": numbers(1)(data.edges)}
        base = data.baseline if data.baseline is None else np.broadcast_to(data.baseline, data.values.shape).copy()
        return kind, parts | arrays | {"baseline": base, "orientation": patch.orientation}
    path = patch.get_patch_transform().transform_path(patch.get_path()).cleaned(curves=False)
    drawn = path.codes != 0
    return "PathPatch", parts | {"xy": path.vertices[drawn], "codes": path.codes[drawn]}


def patch_of(kind: str, parts: dict) -> Any:
    """A patch of such parts, not yet in any axes."""
    library = matplotlib()
    if kind in _SHAPES:
        shape = {name: check(parts[name]) for name, check in _SHAPES[kind].items()}
        first = [shape.pop(name) for name in ("xy", "center", "r", "theta1", "theta2") if name in shape]
        patch = getattr(library.patches, kind)(*first, **shape)
    elif kind == "Polygon":
        patch = library.patches.Polygon(numbers(2, wide=2)(parts["xy"]), closed=flag(parts["closed"]))
    elif kind == "StepPatch":
        values, edges, base = numbers(1)(parts["values"]), numbers(1)(parts["edges"]), parts["baseline"]
        if len(edges) != len(values) + 1 or not (base is None or numbers(1)(base).shape == values.shape):
            raise ValueError("the steps of a patch do not fit each other")
        way = one_of("vertical", "horizontal")(parts["orientation"])
        patch = library.patches.StepPatch(values, edges, orientation=way, baseline=base)
    elif kind == "PathPatch":
        xy, codes = numbers(2, wide=2)(parts["xy"]), numbers(1)(parts["codes"])
        # Straight lines only: the code that draws curves reads the points after each.
        if (
            len(codes) != len(xy)
            or not np.isin(codes, (_MOVE, _LINE_TO, _CLOSE)).all()
            or codes[:1].tolist() == [_CLOSE]
        ):
            raise ValueError("expected how the points of a path are joined")
        codes[:1] = _MOVE
        patch = library.patches.PathPatch(library.path.Path(xy, codes.astype(np.uint8)))
    else:
        raise ValueError("expected a patch")
    return given(patch, _PATCH, parts["style"])


def add_patch(axes: Any, kind: str, parts: dict) -> None:
    """Draw a patch of such parts."""
    patch = patch_of(kind, parts)
    patch.set_transform(_transforms(axes)[parts["in"]])
    axes.add_patch(patch)


# --- collections and images ------------------------------------------------------------------------------------------


def _joined(polygons: Iterable[Any]) -> dict[str, np.ndarray]:
    rows = [np.asarray(one, dtype=float).reshape(-1, 2) for one in polygons]
    ends = np.cumsum([len(one) for one in rows], dtype=np.int64)
    return {"rows": np.concatenate([*rows, np.zeros((0, 2))]), "ends": ends}


def _parted(parts: dict) -> list[np.ndarray]:
    rows, ends = numbers(2, wide=2)(parts["rows"]), numbers(1)(parts["ends"])
    starts = np.concatenate([ends[:0], [0], ends[:-1]]).astype(np.int64)[: len(ends)]
    if ends.dtype != np.int64 or (starts > ends).any() or (ends[-1] if len(ends) else 0) != len(rows):
        raise ValueError("the ends of polygons do not fit their points")
    return [rows[start:end] for start, end in zip(starts, ends, strict=True)]


def collection_parts(axes: Any, collection: Any) -> tuple[str, dict]:
    """A collection: points as a PathCollection, lines, a mesh; all others as polygons."""
    library = matplotlib()
    kind = type(collection).__name__
    known = (library.collections, library.contour, library.quiver)
    if not any(type(collection) is getattr(module, kind, None) for module in known):
        raise ValueError(f"a collection of type '{kind[:50]}' cannot cross")
    parts: dict[str, Any] = {"style": taken(collection, _COLLECTION), "mapping": _mapping(collection)}
    if type(collection._original_edgecolor) is str and collection._original_edgecolor == "face":
        parts["style"].pop("edgecolors", None)
    array = collection.get_array()
    parts["array"] = None if array is None else numbers(1, 2, 3)(array)
    if kind == "PathCollection":
        offsets: Any = np.ma.filled(np.ma.asarray(collection.get_offsets(), dtype=float), np.nan)
        return kind, parts | {"offsets": offsets, "sizes": numbers(1)(np.asarray(collection.get_sizes()))}
    if kind == "QuadMesh":
        return kind, parts | {"coordinates": np.ma.filled(collection.get_coordinates().astype(float), np.nan)}
    parts["in"] = _transform_name(axes, collection.get_transform())
    if kind == "LineCollection":
        return kind, parts | _joined(collection.get_segments())
    if kind not in ("PolyCollection", "FillBetweenPolyCollection"):
        # Those of a contour have a number for each level, of which there may be several polygons.
        parts["array"] = None
    polygons = (polygon for path in collection.get_paths() for polygon in path.to_polygons(closed_only=False))
    return "PolyCollection", parts | _joined(polygons)


def add_collection(axes: Any, kind: str, parts: dict) -> None:
    """Draw a collection of such parts."""
    library = matplotlib()
    array = optional(numbers(1, 2, 3))(parts["array"])
    if kind == "PathCollection":
        offsets = numbers(2, wide=2)(parts["offsets"])
        marker = library.markers.MarkerStyle("o")
        made = library.collections.PathCollection(
            (marker.get_path().transformed(marker.get_transform()),),
            numbers(1)(parts["sizes"]),
            offsets=offsets,
            offset_transform=axes.transData,
        )
        made.set_transform(library.transforms.IdentityTransform())
        made.set_edgecolors("face")
    elif kind == "QuadMesh":
        coordinates = numbers(3, wide=2)(parts["coordinates"])
        if min(coordinates.shape[:2]) < 2:
            raise ValueError("a mesh needs corners")
        made = library.collections.QuadMesh(coordinates)
    elif kind in ("LineCollection", "PolyCollection"):
        made = getattr(library.collections, kind)(_parted(parts))
        made.set_transform(_transforms(axes)[parts["in"]])
    else:
        raise ValueError("expected a collection")
    _set_mapping(made, parts["mapping"])
    if array is not None:
        if kind == "QuadMesh":
            inner = tuple(side - 1 for side in parts["coordinates"].shape[:2])
            if array.shape[:2] not in (inner, parts["coordinates"].shape[:2]) and array.shape != (math.prod(inner),):
                raise ValueError("the numbers of a mesh do not fit its corners")
        made.set_array(array)
    given(made, _COLLECTION, parts["style"])
    axes.add_collection(made, autolim=False)


_IMAGE = _COMMON | {
    "interpolation": one_of(*"auto none antialiased nearest bilinear bicubic spline16 spline36 hanning hamming".split())
}


def image_parts(_: Any, image: Any) -> tuple[str, dict]:
    """An image as its array, and how it is shown."""
    if type(image) is not matplotlib().image.AxesImage:
        raise ValueError(f"an image of type '{type(image).__name__[:50]}' cannot cross")
    return "AxesImage", {
        "array": _pixels(image.get_array()),
        "extent": [number(edge) for edge in image.get_extent()],
        "origin": image.origin,
        "mapping": _mapping(image),
        "style": taken(image, _IMAGE),
    }


def _pixels(array: Any) -> np.ndarray:
    if numbers(2, 3)(array).ndim == 3 and array.shape[2] not in (3, 4):
        raise ValueError("expected an image of one, three or four channels")
    return array


def add_image(axes: Any, kind: str, parts: dict) -> None:
    """Show an image of such parts."""
    if kind != "AxesImage":
        raise ValueError("expected an image")
    extent = [number(edge) for edge in of(list, parts["extent"])]
    if len(extent) != 4:
        raise ValueError("expected four edges")
    image = matplotlib().image.AxesImage(axes, origin=one_of("upper", "lower")(parts["origin"]), extent=extent)
    _set_mapping(image, parts["mapping"])
    image.set_data(_pixels(parts["array"]))
    given(image, _IMAGE, parts["style"])
    image.set_clip_path(axes.patch)
    axes.add_image(image)


# --- texts and legends -----------------------------------------------------------------------------------------------


def text_parts(axes: Any, artist: Any) -> tuple[str, dict]:
    """A text in the axes, or one that points at something."""
    library = matplotlib()
    parts: dict[str, Any] = {"style": taken(artist, TEXT), "at": point(artist.get_position())}
    if type(artist) is library.text.Annotation:
        try:
            places = {"xy": point(artist.xy), "of": _COORDINATES(artist.xycoords), "to": _COORDINATES(artist.anncoords)}
            return "Annotation", parts | places | {"arrow": artist.arrow_patch is not None}
        except (ValueError, TypeError):
            return "Text", parts | {"in": "data"}
    if type(artist) is not library.text.Text:
        raise ValueError(f"a text of type '{type(artist).__name__[:50]}' cannot cross")
    return "Text", parts | {"in": _transform_name(axes, artist.get_transform())}


def add_text(axes: Any, kind: str, parts: dict) -> None:
    """Write a text of such parts."""
    if kind == "Annotation":
        arrow = {"arrowstyle": "->"} if flag(parts["arrow"]) else None
        made = axes.annotate(
            "", point(parts["xy"]), point(parts["at"]), _COORDINATES(parts["of"]), _COORDINATES(parts["to"]), arrow
        )
    elif kind == "Text":
        made = axes.text(*point(parts["at"]), "", transform=_transforms(axes)[parts["in"]])
    else:
        raise ValueError("expected a text")
    set_text(made, parts["style"])


def legend_parts(legend: Any) -> dict:
    """A legend as its title, texts and handles; one of a rare class is shown as a box."""
    library = matplotlib()
    handles = []
    for handle in legend.legend_handles:
        if isinstance(handle, library.lines.Line2D):
            handles.append(("Line2D", taken(handle, _LINE)))
        else:
            face = taken(handle, {"facecolor": lambda value: color(np.ravel(value)[:4].tolist())})
            handles.append(("Rectangle", face))
    place = legend._loc if type(legend._loc) is int and 0 <= legend._loc <= 10 else 0
    return {
        "title": text(legend.get_title().get_text()),
        "texts": [text(one.get_text()) for one in legend.get_texts()],
        "handles": handles,
        "place": place,
        "columns": min(int(legend._ncols), 50),
        "frame": flag(legend.get_frame_on()),
    }


def legend_of(owner: Any, parts: Any) -> Any:
    """A legend of these parts for axes or a figure."""
    library = matplotlib()
    texts, handles = of(list, of(dict, parts)["texts"]), []
    if len(of(list, parts["handles"])) != len(texts) or len(texts) > 200:
        raise ValueError("expected a handle for each text of a legend, and not too many")
    for kind, style in parts["handles"]:
        if kind == "Line2D":
            handles.append(given(library.lines.Line2D([], []), _LINE, style))
        elif kind == "Rectangle":
            handles.append(given(library.patches.Rectangle((0, 0), 1, 1), {"facecolor": color}, style))
        else:
            raise ValueError("expected a handle of a legend")
    place, wide = of(int, parts["place"]), of(int, parts["columns"])
    if not 0 <= place <= 10 or not 1 <= wide <= 50:
        raise ValueError("expected the place of a legend")
    plain = [f"{n}" for n in range(len(texts))]
    legend = owner.legend(handles, plain, loc=place, ncols=wide, frameon=flag(parts["frame"]))
    for artist, one in zip(legend.get_texts(), texts, strict=True):
        set_text(artist, {"text": one})
    if text(parts["title"]):
        legend.set_title("-")
        set_text(legend.get_title(), {"text": parts["title"]})
    return legend
