"""Wrong answers that students really give in lesson 5: `<exercise>__<what went wrong>`, each with its sentence of help."""

import numpy as np


def _checked(shape, pool_size, strides, padding, forgets=()):
    strides = pool_size if strides is None else strides
    if "padding" not in forgets and padding not in ("valid", "same"):
        raise ValueError("unknown padding")
    if "sizes" not in forgets and min(*pool_size, *strides) < 1:
        raise ValueError("window or stride below 1")
    if "fit" not in forgets and padding == "valid" and (pool_size[0] > shape[0] or pool_size[1] > shape[1]):
        raise ValueError("the window is larger than the map")
    return strides


def _size(n, k, s, padding):
    return (n - k) // s + 1 if padding == "valid" else -(-n // s)


def pooled_shape__always_halves(input_shape, pool_size, strides=None, padding="valid"):
    """You always divide by two. How much smaller the map gets depends on the window and the stride."""
    _checked(input_shape, pool_size, strides, padding)
    return input_shape[0] // 2, input_shape[1] // 2, input_shape[2]


def pooled_shape__stride_one_by_default(input_shape, pool_size, strides=None, padding="valid"):
    """Without strides your window moves by one, as a convolution's does. A pooling window moves by its own size."""
    _checked(input_shape, pool_size, strides, padding)
    strides = (1, 1) if strides is None else strides
    return (
        *(_size(n, k, s, padding) for n, k, s in zip(input_shape[:2], pool_size, strides, strict=True)),
        input_shape[2],
    )


def pooled_shape__ignores_the_strides(input_shape, pool_size, strides=None, padding="valid"):
    """You divide by the window, even where a stride is given. The stride decides how far the window moves."""
    _checked(input_shape, pool_size, strides, padding)
    return (*(_size(n, k, k, padding) for n, k in zip(input_shape[:2], pool_size, strict=True)), input_shape[2])


def pooled_shape__pools_the_channels(input_shape, pool_size, strides=None, padding="valid"):
    """You made fewer channels, too. Each channel is pooled by itself, so as many come out as went in."""
    strides = _checked(input_shape, pool_size, strides, padding)
    sizes = [_size(n, k, s, padding) for n, k, s in zip(input_shape[:2], pool_size, strides, strict=True)]
    return (*sizes, max(input_shape[2] // pool_size[0], 1))


def pooled_shape__rounds_up_under_valid(input_shape, pool_size, strides=None, padding="valid"):
    """You count a window that is only half full. Under "valid" it is dropped; under "same" it counts."""
    strides = _checked(input_shape, pool_size, strides, padding)
    return (
        *(_size(n, k, s, "same") for n, k, s in zip(input_shape[:2], pool_size, strides, strict=True)),
        input_shape[2],
    )


def pooled_shape__forgets_the_channels(input_shape, pool_size, strides=None, padding="valid"):
    """Height and width are right. The shape of a map has a third number."""
    strides = _checked(input_shape, pool_size, strides, padding)
    return tuple(_size(n, k, s, padding) for n, k, s in zip(input_shape[:2], pool_size, strides, strict=True))


def pooled_shape__swaps_the_axes(input_shape, pool_size, strides=None, padding="valid"):
    """You let the window's second number act on the height. Pairs are (vertical, horizontal)."""
    strides = _checked(input_shape, pool_size, strides, padding)
    pairs = zip(input_shape[:2], pool_size[::-1], strides[::-1], strict=True)
    return (*(_size(n, k, s, padding) for n, k, s in pairs), input_shape[2])


def pooled_shape__divides_by_the_stride(input_shape, pool_size, strides=None, padding="valid"):
    """You divide by the stride alone. Under "valid" the last window needs room for all its rows and columns: take its size away first."""
    strides = _checked(input_shape, pool_size, strides, padding)
    sizes = [n // s if padding == "valid" else -(-n // s) for n, s in zip(input_shape[:2], strides, strict=True)]
    return (*sizes, input_shape[2])


def pooled_shape__ignores_the_padding(input_shape, pool_size, strides=None, padding="valid"):
    """You count as under "valid", whatever the padding. Under "same" there is an output for every stride that has begun."""
    strides = _checked(input_shape, pool_size, strides, padding)
    return (
        *(_size(n, k, s, "valid") for n, k, s in zip(input_shape[:2], pool_size, strides, strict=True)),
        input_shape[2],
    )


def pooled_shape__one_more_under_same(input_shape, pool_size, strides=None, padding="valid"):
    """Under "same" you always add one. When the stride divides the size, no stride is left half begun."""
    strides = _checked(input_shape, pool_size, strides, padding)
    sizes = [
        n // s + 1 if padding == "same" else _size(n, k, s, padding)
        for n, k, s in zip(input_shape[:2], pool_size, strides, strict=True)
    ]
    return (*sizes, input_shape[2])


def pooled_shape__refuses_large_windows_under_same(input_shape, pool_size, strides=None, padding="valid"):
    """You refuse a window that is larger than the map even under "same", where it may be."""
    _checked(input_shape, pool_size, strides, "valid")
    strides = _checked(input_shape, pool_size, strides, padding)
    return (
        *(_size(n, k, s, padding) for n, k, s in zip(input_shape[:2], pool_size, strides, strict=True)),
        input_shape[2],
    )


def _shape_without_a_check(input_shape, pool_size, strides, padding, forgets):
    strides = _checked(input_shape, pool_size, strides, padding, forgets)
    return (
        *(_size(n, k, s, padding) for n, k, s in zip(input_shape[:2], pool_size, strides, strict=True)),
        input_shape[2],
    )


def pooled_shape__takes_any_padding(input_shape, pool_size, strides=None, padding="valid"):
    """It is right for both paddings. Any other word should be an error, or a typo goes unnoticed."""
    return _shape_without_a_check(input_shape, pool_size, strides, padding, ["padding"])


def pooled_shape__takes_any_size(input_shape, pool_size, strides=None, padding="valid"):
    """It is right for all windows and strides that make sense. Below 1 the docstring asks for an error."""
    return _shape_without_a_check(input_shape, pool_size, strides, padding, ["sizes"])


def pooled_shape__takes_a_window_that_does_not_fit(input_shape, pool_size, strides=None, padding="valid"):
    """It is right as long as the window fits. Under "valid" a window larger than the map is an error."""
    return _shape_without_a_check(input_shape, pool_size, strides, padding, ["fit"])


def pooled_shape__looks_at_the_height_only(input_shape, pool_size, strides=None, padding="valid"):
    """You ask only whether the window is too tall. It may be too wide, too."""
    if padding == "valid" and pool_size[0] > input_shape[0]:
        raise ValueError("too tall")
    return _shape_without_a_check(input_shape, pool_size, strides, padding, ["fit"])


def pooled_shape__refuses_a_window_as_large_as_the_map(input_shape, pool_size, strides=None, padding="valid"):
    """You refuse a window that is as large as the map. It fits, exactly once; only a larger one does not."""
    if padding == "valid" and (pool_size[0] >= input_shape[0] or pool_size[1] >= input_shape[1]):
        raise ValueError("too large")
    return _shape_without_a_check(input_shape, pool_size, strides, padding, [])


def discarded_fraction__no_check(pool_size):
    """It is right for every window. But there is none without rows or columns: the docstring asks for an error."""
    with np.errstate(all="ignore"):
        return float(1 - 1 / np.float64(pool_size[0] * pool_size[1]))


def discarded_fraction__refuses_zero_only(pool_size):
    """A window without rows is an error in your answer, one with -1 columns is not. Both make no sense."""
    if 0 in pool_size:
        raise ValueError("no window")
    return 1 - 1 / (pool_size[0] * pool_size[1])


def discarded_fraction__one_half(pool_size):
    """You took one axis only. A window of 2 × 2 has four values, and one of them survives."""
    if min(pool_size) < 1:
        raise ValueError("no window")
    return 1 - 1 / pool_size[0]


def discarded_fraction__what_is_kept(pool_size):
    """That is the share that is kept. The question is what is dropped."""
    if min(pool_size) < 1:
        raise ValueError("no window")
    return 1 / (pool_size[0] * pool_size[1])


def discarded_fraction__adds_the_axes(pool_size):
    """You added height and width. A window of h × w has h · w values."""
    if min(pool_size) < 1:
        raise ValueError("no window")
    return 1 - 1 / (pool_size[0] + pool_size[1])


def discarded_fraction__in_percent(pool_size):
    """That is in percent. A share is a number between 0 and 1."""
    if min(pool_size) < 1:
        raise ValueError("no window")
    return 100 * (1 - 1 / (pool_size[0] * pool_size[1]))


def discarded_fraction__always_three_quarters(pool_size):
    """0.75 is right for 2 × 2. Other windows drop another share."""
    if min(pool_size) < 1:
        raise ValueError("no window")
    return 0.75


def discarded_fraction__counts_values(pool_size):
    """That is *how many* values of a window are dropped. The *share* of them is asked for."""
    if min(pool_size) < 1:
        raise ValueError("no window")
    return pool_size[0] * pool_size[1] - 1


def discarded_fraction__whole_number_division(pool_size):
    """You divided whole numbers with //, which throws the fraction away. Use a single slash."""
    if min(pool_size) < 1:
        raise ValueError("no window")
    return 1 - 1 // (pool_size[0] * pool_size[1])


def _pool(
    x, pool_size, strides, padding, how, outside=None, default=None, extra_first=False, all_after=False, forgets=()
):
    given = _checked(x.shape, pool_size, strides, padding, forgets)
    strides = default if strides is None and default is not None else given
    rows, cols = (_size(n, k, s, padding) for n, k, s in zip(x.shape[:2], pool_size, strides, strict=True))
    zeros = [
        max((count - 1) * s + k - n, 0)
        for count, n, k, s in zip((rows, cols), x.shape[:2], pool_size, strides, strict=True)
    ]
    sides = [(z - z // 2, z // 2) if extra_first else (0, z) if all_after else (z // 2, z - z // 2) for z in zeros]
    fill = np.nan if outside is None else outside
    padded = np.pad(x.astype(float), [*sides, (0, 0)], constant_values=fill) if padding != "valid" else x.astype(float)
    output = np.zeros((rows, cols, x.shape[2]))
    for i in range(rows):
        for j in range(cols):
            window = padded[i * strides[0] :, j * strides[1] :][: pool_size[0], : pool_size[1]]
            output[i, j] = how(window, axis=(0, 1))
    return output


def max_pool2d__zeros_may_win(x, pool_size, strides=None, padding="valid"):
    """Under "same" zeros from outside win against negative values. Only real values of the window may be compared."""
    return _pool(x, pool_size, strides, padding, np.max, outside=0)


def max_pool2d__takes_the_mean(x, pool_size, strides=None, padding="valid"):
    """You took the mean of each window. That is average pooling; here the largest value is kept."""
    return _pool(x, pool_size, strides, padding, np.nanmean)


def max_pool2d__takes_the_smallest(x, pool_size, strides=None, padding="valid"):
    """You kept the smallest value of each window. It should be the largest."""
    return _pool(x, pool_size, strides, padding, np.nanmin)


def max_pool2d__stride_one_by_default(x, pool_size, strides=None, padding="valid"):
    """Without strides your window moves by one. A pooling window moves by its own size unless you say otherwise."""
    return _pool(x, pool_size, strides, padding, np.nanmax, default=(1, 1))


def _over_all(window, axis):
    return np.nanmax(window)


def max_pool2d__over_all_channels(x, pool_size, strides=None, padding="valid"):
    """You took the largest value of all channels together. Each channel is pooled by itself."""
    return _pool(x, pool_size, strides, padding, _over_all)


def max_pool2d__extra_place_first(x, pool_size, strides=None, padding="valid"):
    """Under "same" your windows are moved by one: an extra place outside comes after, not before."""
    return _pool(x, pool_size, strides, padding, np.nanmax, extra_first=True)


def _largest_size(window, axis):
    index = np.nanargmax(np.abs(window).reshape(-1, window.shape[2]), axis=0)
    return window.reshape(-1, window.shape[2])[index, np.arange(window.shape[2])]


def max_pool2d__largest_in_size(x, pool_size, strides=None, padding="valid"):
    """You compared without the sign: −5 beat 3. The largest value is meant, not the one farthest from zero."""
    return _pool(x, pool_size, strides, padding, _largest_size)


def max_pool2d__swaps_the_window(x, pool_size, strides=None, padding="valid"):
    """Your window lies on its side. Pairs are (vertical, horizontal)."""
    strides = _checked(x.shape, pool_size, strides, padding)
    turned = _pool(
        x.transpose(1, 0, 2), pool_size, strides, "same" if max(pool_size) > min(x.shape[:2]) else padding, np.nanmax
    )
    return turned.transpose(1, 0, 2)


def max_pool2d__begins_in_the_corner(x, pool_size, strides=None, padding="valid"):
    """Under "same" your first window begins at the map's corner. Half of the places that are added, rounded down, come before it."""
    return _pool(x, pool_size, strides, padding, np.nanmax, all_after=True)


def max_pool2d__ignores_the_strides(x, pool_size, strides=None, padding="valid"):
    """You move by the window's size, even where strides are given."""
    _checked(x.shape, pool_size, strides, padding)
    return _pool(x, pool_size, None, padding, np.nanmax)


def max_pool2d__swaps_the_strides(x, pool_size, strides=None, padding="valid"):
    """Your window takes the first stride to the right and the second one down. Pairs are (vertical, horizontal)."""
    return _pool(x, pool_size, strides[::-1] if strides else None, padding, np.nanmax)


def max_pool2d__takes_any_padding(x, pool_size, strides=None, padding="valid"):
    """It is right for both paddings. Any other word should be an error, or a typo goes unnoticed."""
    return _pool(x, pool_size, strides, padding, np.nanmax, forgets=["padding"])


def max_pool2d__takes_any_size(x, pool_size, strides=None, padding="valid"):
    """It is right for all windows and strides that make sense. Below 1 the docstring asks for an error."""
    return _pool(x, pool_size, strides, padding, np.nanmax, forgets=["sizes"])


def max_pool2d__takes_a_window_that_does_not_fit(x, pool_size, strides=None, padding="valid"):
    """It is right as long as the window fits. Under "valid" a window larger than the map is an error."""
    return _pool(x, pool_size, strides, padding, np.nanmax, forgets=["fit"])


def max_pool2d__padding_wins_in_uint8(x, pool_size, strides=None, padding="valid"):
    """You fill the places outside with one less than the smallest value. In uint8 there is nothing below 0: 0 - 1 is 255, and wins."""
    with np.errstate(all="ignore"):
        return _pool(x, pool_size, strides, padding, np.max, outside=x.min() - x.dtype.type(1))


def max_pool2d__cuts_to_whole_numbers(x, pool_size, strides=None, padding="valid"):
    """Your result is an array of whole numbers, which cuts the fractions off. Give it x's type, or make it floats."""
    return _pool(x, pool_size, strides, padding, np.nanmax).astype(int)


def avg_pool2d__zeros_count(x, pool_size, strides=None, padding="valid"):
    """Under "same" you divide by the whole window, places outside included. Padding never counts: divide by the number of real values."""
    return _pool(x, pool_size, strides, padding, np.mean, outside=0)


def avg_pool2d__takes_the_largest(x, pool_size, strides=None, padding="valid"):
    """You kept the largest value of each window. That is max pooling; here it is the mean."""
    return _pool(x, pool_size, strides, padding, np.nanmax)


def avg_pool2d__forgets_to_divide(x, pool_size, strides=None, padding="valid"):
    """You added up the values of each window. For a mean, divide by how many there are."""
    return _pool(x, pool_size, strides, padding, np.nansum)


def avg_pool2d__takes_the_median(x, pool_size, strides=None, padding="valid"):
    """You took the median, the middle value. The mean is the sum divided by the number."""
    return _pool(x, pool_size, strides, padding, np.nanmedian)


def avg_pool2d__stride_one_by_default(x, pool_size, strides=None, padding="valid"):
    """Without strides your window moves by one. A pooling window moves by its own size unless you say otherwise."""
    return _pool(x, pool_size, strides, padding, np.nanmean, default=(1, 1))


def _mean_of_all(window, axis):
    return np.nanmean(window)


def avg_pool2d__over_all_channels(x, pool_size, strides=None, padding="valid"):
    """You took the mean of all channels together. Each channel is pooled by itself."""
    return _pool(x, pool_size, strides, padding, _mean_of_all)


def avg_pool2d__extra_place_first(x, pool_size, strides=None, padding="valid"):
    """Under "same" your windows are moved by one: an extra place outside comes after, not before."""
    return _pool(x, pool_size, strides, padding, np.nanmean, extra_first=True)


def avg_pool2d__rounds_whole_numbers(x, pool_size, strides=None, padding="valid"):
    """Your means of whole numbers are cut to whole numbers: the result array has the type of the input. Make it an array of floats."""
    output = _pool(x, pool_size, strides, padding, np.nanmean)
    return output.astype(x.dtype) if x.dtype.kind in "iu" else output


def avg_pool2d__begins_in_the_corner(x, pool_size, strides=None, padding="valid"):
    """Under "same" your first window begins at the map's corner. Half of the places that are added, rounded down, come before it."""
    return _pool(x, pool_size, strides, padding, np.nanmean, all_after=True)


def avg_pool2d__ignores_the_strides(x, pool_size, strides=None, padding="valid"):
    """You move by the window's size, even where strides are given."""
    _checked(x.shape, pool_size, strides, padding)
    return _pool(x, pool_size, None, padding, np.nanmean)


def avg_pool2d__swaps_the_strides(x, pool_size, strides=None, padding="valid"):
    """Your window takes the first stride to the right and the second one down. Pairs are (vertical, horizontal)."""
    return _pool(x, pool_size, strides[::-1] if strides else None, padding, np.nanmean)


def avg_pool2d__takes_any_padding(x, pool_size, strides=None, padding="valid"):
    """It is right for both paddings. Any other word should be an error, or a typo goes unnoticed."""
    return _pool(x, pool_size, strides, padding, np.nanmean, forgets=["padding"])


def avg_pool2d__takes_any_size(x, pool_size, strides=None, padding="valid"):
    """It is right for all windows and strides that make sense. Below 1 the docstring asks for an error."""
    return _pool(x, pool_size, strides, padding, np.nanmean, forgets=["sizes"])


def avg_pool2d__takes_a_window_that_does_not_fit(x, pool_size, strides=None, padding="valid"):
    """It is right as long as the window fits. Under "valid" a window larger than the map is an error."""
    return _pool(x, pool_size, strides, padding, np.nanmean, forgets=["fit"])


def avg_pool2d__overflows_uint8(x, pool_size, strides=None, padding="valid"):
    """You added pixels of uint8, which has no number above 255. Turn them into floats first."""
    means = _pool(x, pool_size, strides, padding, np.nanmean)
    return means if x.dtype != np.uint8 else _pool(x, pool_size, strides, padding, np.nansum) % 256 / np.prod(pool_size)


def avg_pool2d__swaps_the_window(x, pool_size, strides=None, padding="valid"):
    """Your window lies on its side. Pairs are (vertical, horizontal)."""
    _checked(x.shape, pool_size, strides, padding)
    return _pool(x, pool_size[::-1], strides or pool_size[::-1], padding, np.nanmean, forgets=["fit"])


def global_avg_pool2d__one_number(x):
    """You averaged everything into one number. Each channel keeps a mean of its own."""
    return x.mean()


def global_avg_pool2d__the_largest(x):
    """You kept the largest value of each channel. Here it is the mean."""
    return x.max(axis=(0, 1)).astype(float)


def global_avg_pool2d__over_the_channels(x):
    """You averaged over the channels, so a map is left. Average over height and width instead: one number per channel."""
    return x.mean(axis=-1)


def global_avg_pool2d__forgets_to_divide(x):
    """You added up each channel. For a mean you have to divide by height times width."""
    return x.astype(float).sum(axis=(0, 1))


def global_avg_pool2d__keeps_the_axes(x):
    """The numbers are right, but they come as a map of 1 × 1. One axis is enough: [channels]."""
    return x.mean(axis=(0, 1), keepdims=True)


def global_avg_pool2d__rows_only(x):
    """You averaged over the rows only. Average over height and width."""
    return x.mean(axis=0)


def global_avg_pool2d__columns_only(x):
    """You averaged over the columns only. Average over height and width."""
    return x.mean(axis=1)


def global_avg_pool2d__whole_numbers(x):
    """You divided with //, which throws the fraction away. A mean is seldom a whole number."""
    return x.sum(axis=(0, 1)) // (x.shape[0] * x.shape[1])


def global_avg_pool2d__overflows_uint8(x):
    """You added pixels of uint8, which has no number above 255. Turn them into floats first."""
    return x.sum(axis=(0, 1), dtype=x.dtype) / (x.shape[0] * x.shape[1])


def global_avg_pool2d__squeezes(x):
    """A map with a single channel gives you a bare number. The result is an array [channels] for one channel, too."""
    return x.mean(axis=(0, 1)).squeeze()


def _largest(x, pool_size):
    rows, cols = x.shape[0] // pool_size[0], x.shape[1] // pool_size[1]
    whole = x[: rows * pool_size[0], : cols * pool_size[1]].astype(float)
    return whole.reshape(rows, pool_size[0], cols, pool_size[1], -1).max(axis=(1, 3))


def _moved(x, shift):
    moved = np.zeros_like(x)
    if shift < x.shape[1]:
        moved[:, shift:] = x[:, : x.shape[1] - shift]
    return moved


def _shift_checked(x, pool_size, shift):
    if shift < 0 or min(pool_size) < 1 or pool_size[0] > x.shape[0] or pool_size[1] > x.shape[1]:
        raise ValueError("no such shift or window")


def pool_shift_change__rolls_around(x, pool_size, shift):
    """np.roll brings back on the left what leaves on the right. Zeros should come in."""
    _shift_checked(x, pool_size, shift)
    return float(np.abs(_largest(x, pool_size) - _largest(np.roll(x, shift, axis=1), pool_size)).max())


def pool_shift_change__moves_left(x, pool_size, shift):
    """You moved it to the left. Columns should go to the right, and zeros come in from the left."""
    _shift_checked(x, pool_size, shift)
    return float(np.abs(_largest(x, pool_size) - _largest(_moved(x[:, ::-1], shift)[:, ::-1], pool_size)).max())


def pool_shift_change__moves_down(x, pool_size, shift):
    """You moved it down. To the right means along the columns, axis 1."""
    _shift_checked(x, pool_size, shift)
    down = np.zeros_like(x)
    if shift < x.shape[0]:
        down[shift:] = x[: x.shape[0] - shift]
    return float(np.abs(_largest(x, pool_size) - _largest(down, pool_size)).max())


def pool_shift_change__compares_before_pooling(x, pool_size, shift):
    """You compared the maps before pooling. The question is what the pooling makes of the shift."""
    _shift_checked(x, pool_size, shift)
    return float(np.abs(x.astype(float) - _moved(x, shift).astype(float)).max())


def pool_shift_change__the_mean_change(x, pool_size, shift):
    """You took the mean of the differences. The largest one is asked for."""
    _shift_checked(x, pool_size, shift)
    return float(np.abs(_largest(x, pool_size) - _largest(_moved(x, shift), pool_size)).mean())


def pool_shift_change__forgets_the_sign(x, pool_size, shift):
    """You took the largest difference with its sign. Where the map got larger, before minus after is negative: take absolute values first."""
    _shift_checked(x, pool_size, shift)
    return float((_largest(x, pool_size) - _largest(_moved(x, shift), pool_size)).max())


def pool_shift_change__subtracts_in_uint8(x, pool_size, shift):
    """You subtracted in uint8, where 90 - 100 is 246. Turn the maps into floats before you subtract."""
    _shift_checked(x, pool_size, shift)
    before, after = (_largest(a, pool_size).astype(x.dtype) for a in (x, _moved(x, shift)))
    return float(np.abs(before - after).max())


def pool_shift_change__one_channel(x, pool_size, shift):
    """You looked at the first channel only. The largest change of all channels is asked for."""
    _shift_checked(x, pool_size, shift)
    first = x[:, :, :1]
    return float(np.abs(_largest(first, pool_size) - _largest(_moved(first, shift), pool_size)).max())


def pool_shift_change__adds_the_changes_up(x, pool_size, shift):
    """You added up all changes. Only the largest one is asked for."""
    _shift_checked(x, pool_size, shift)
    return float(np.abs(_largest(x, pool_size) - _largest(_moved(x, shift), pool_size)).sum())


def pool_shift_change__moves_in_place(x, pool_size, shift):
    """You moved x itself, so the picture before the move is lost. Build the moved picture in an array of its own."""
    _shift_checked(x, pool_size, shift)
    before = _largest(x, pool_size)
    x[:] = _moved(x, shift)
    return float(np.abs(before - _largest(x, pool_size)).max())


def pool_shift_change__takes_a_negative_shift(x, pool_size, shift):
    """It is right for every shift to the right. A negative one should be an error: there is nothing it could mean here."""
    _shift_checked(x, pool_size, abs(shift))
    return float(np.abs(_largest(x, pool_size) - _largest(_moved(x, max(shift, 0)), pool_size)).max())


def pool_shift_change__zero_when_nothing_fits(x, pool_size, shift):
    """When no window fits into x you say that nothing changes. The docstring asks for an error."""
    if min(pool_size) >= 1 and shift >= 0 and (pool_size[0] > x.shape[0] or pool_size[1] > x.shape[1]):
        return 0.0
    _shift_checked(x, pool_size, shift)
    return float(np.abs(_largest(x, pool_size) - _largest(_moved(x, shift), pool_size)).max())


def pool_shift_change__zero_without_a_window(x, pool_size, shift):
    """Where the window has no rows or columns you say that nothing changes. The docstring asks for an error."""
    if min(pool_size) < 1:
        return 0.0
    _shift_checked(x, pool_size, shift)
    return float(np.abs(_largest(x, pool_size) - _largest(_moved(x, shift), pool_size)).max())


def _gradient(x, pool_size, upstream, share):
    gradient = np.zeros(x.shape)
    for i, j, k in np.ndindex(upstream.shape):
        rows = slice(i * pool_size[0], (i + 1) * pool_size[0])
        cols = slice(j * pool_size[1], (j + 1) * pool_size[1])
        gradient[rows, cols, k] = share(x[rows, cols, k]) * upstream[i, j, k]
    return gradient


def _everybody(window):
    return np.ones(window.shape)


def max_pool_gradient__everybody_gets_it(x, pool_size, upstream):
    """You handed the number to all values of a window. Only the winner changes the output, so only the winner gets it."""
    return _gradient(x, pool_size, upstream, _everybody)


def _shared(window):
    return np.full(window.shape, 1 / window.size)


def max_pool_gradient__shares_it_out(x, pool_size, upstream):
    """You shared the number out among all values, which is right for average pooling. With the maximum the winner takes it all."""
    return _gradient(x, pool_size, upstream, _shared)


def _smallest(window):
    return (window == window.min()).astype(float)


def max_pool_gradient__to_the_smallest(x, pool_size, upstream):
    """You handed it to the smallest value of each window. The output is the largest one."""
    return _gradient(x, pool_size, upstream, _smallest)


def _value(window):
    return np.where(window == window.max(), window, 0)


def max_pool_gradient__times_the_value(x, pool_size, upstream):
    """The places are right, but you multiplied by the winner's value. If the winner grows by a little, the output grows by just as much: factor 1."""
    return _gradient(x, pool_size, upstream, _value)


def _ones_at_winner(window):
    return (window == window.max()).astype(float)


def max_pool_gradient__ones_instead(x, pool_size, upstream):
    """You marked the winners with ones. They should get the numbers of `upstream`."""
    return _gradient(x, pool_size, np.ones(upstream.shape), _ones_at_winner)


def _corner(window):
    corner = np.zeros(window.shape)
    corner[0, 0] = 1
    return corner


def max_pool_gradient__to_the_corner(x, pool_size, upstream):
    """You put it at the first place of each window. It belongs to the place where the largest value is."""
    return _gradient(x, pool_size, upstream, _corner)


def max_pool_gradient__cuts_to_whole_numbers(x, pool_size, upstream):
    """The places are right, but the fractions are gone: np.zeros_like(x) is an array of whole numbers when x is. Make it floats."""
    return _gradient(x, pool_size, upstream, _ones_at_winner).astype(x.dtype)


def max_pool_gradient__wherever_the_value_is(x, pool_size, upstream):
    """You looked for the largest value in the whole map. The same number may stand in another window, too, and lose there."""
    gradient = np.zeros(x.shape)
    for i, j, k in np.ndindex(upstream.shape):
        window = x[i * pool_size[0] : (i + 1) * pool_size[0], j * pool_size[1] : (j + 1) * pool_size[1], k]
        gradient[:, :, k][x[:, :, k] == window.max()] = upstream[i, j, k]
    return gradient


def _one_of_all(x, pool_size, i, j):
    return x[i * pool_size[0] : (i + 1) * pool_size[0], j * pool_size[1] : (j + 1) * pool_size[1]].max()


def max_pool_gradient__one_winner_for_all_channels(x, pool_size, upstream):
    """You let the channels compete with each other. Each channel is pooled by itself, so each has its own winner in every window."""
    gradient = _gradient(x, pool_size, upstream, _ones_at_winner)
    for i, j in np.ndindex(upstream.shape[:2]):
        rows = slice(i * pool_size[0], (i + 1) * pool_size[0])
        cols = slice(j * pool_size[1], (j + 1) * pool_size[1])
        gradient[rows, cols][x[rows, cols] < _one_of_all(x, pool_size, i, j)] = 0
    return gradient
