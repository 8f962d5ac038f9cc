"""Wrong answers that students really give in lesson 2: `<exercise>__<what went wrong>`, each with its sentence of help."""

import numpy as np


def output_size_valid__forgets_the_first_place(n, kernel):
    """You are one place short. Write down where the window starts: the first place is 0, not 1."""
    if not 1 <= kernel <= n:
        raise ValueError("the window does not fit")
    return n - kernel


def output_size_valid__one_too_many(n, kernel):
    """You count one place too many. With the window at its last place, does it end at the last pixel or beyond it?"""
    if not 1 <= kernel <= n:
        raise ValueError("the window does not fit")
    return n - kernel + 2


def output_size_valid__same_size(n, kernel):
    """That would be the size with padding "same". Here the window stays inside, so some places are lost."""
    if not 1 <= kernel <= n:
        raise ValueError("the window does not fit")
    return n


def output_size_valid__divides(n, kernel):
    """You counted windows that stand side by side. Windows overlap here: each starts one pixel after the last."""
    if not 1 <= kernel <= n:
        raise ValueError("the window does not fit")
    return n // kernel


def output_size_valid__loses_half_a_kernel(n, kernel):
    """You take half a kernel off, but the window sticks out on both sides of its center."""
    if not 1 <= kernel <= n:
        raise ValueError("the window does not fit")
    return n - kernel // 2


def output_size_valid__goes_below_zero(n, kernel):
    """It is right as long as the window fits. But when it is longer than the row of pixels (or has no pixel), the docstring asks for an error."""
    return n - kernel + 1


def zero_pad__left_and_bottom_swapped(image, before, after):
    """You read the pairs as (top, bottom) and (left, right). Here before=(top, left) and after=(bottom, right)."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    return np.pad(image, (tuple(before), tuple(after)) + ((0, 0),) * (image.ndim - 2))


def zero_pad__before_and_after_swapped(image, before, after):
    """Your zeros are on the wrong sides: `before` is above and left, `after` is below and right."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    return np.pad(image, ((after[0], before[0]), (after[1], before[1])) + ((0, 0),) * (image.ndim - 2))


def zero_pad__pads_the_channels(image, before, after):
    """For a picture with channels you padded the channel axis, too. Only height and width have an edge."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    rest = ((before[1], after[1]),) * (image.ndim - 2)
    return np.pad(image, ((before[0], after[0]), (before[1], after[1]), *rest))


def zero_pad__repeats_the_edge(image, before, after):
    """You repeated the pixels of the edge. The frame is made of zeros here."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    return np.pad(image, ((before[0], after[0]), (before[1], after[1])) + ((0, 0),) * (image.ndim - 2), mode="edge")


def zero_pad__rows_and_columns_swapped(image, before, after):
    """Rows and columns are swapped: the first number of a pair belongs to the height, the second to the width."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    return np.pad(image, ((before[1], after[1]), (before[0], after[0])) + ((0, 0),) * (image.ndim - 2))


def zero_pad__crops_when_negative(image, before, after):
    """A padding of -1 gives you something, though nobody can put -1 rows anywhere. The docstring asks for an error."""
    grown = np.pad(
        image,
        ((max(before[0], 0), max(after[0], 0)), (max(before[1], 0), max(after[1], 0))) + ((0, 0),) * (image.ndim - 2),
    )
    return grown


def same_padding__half_a_kernel_each_side(kernel):
    """You put kernel // 2 zeros on each side. For a window of 4 that makes four in all; how many does it need?"""
    if kernel < 1:
        raise ValueError("no window")
    return kernel // 2, kernel // 2


def same_padding__extra_zero_first(kernel):
    """For odd windows it is right. For even ones your extra zero comes before; Keras puts it after."""
    if kernel < 1:
        raise ValueError("no window")
    return kernel // 2, (kernel - 1) // 2


def same_padding__as_the_notes_say(kernel):
    """(k - 1) / 2 on each side is what the notes call usual, and half a zero does not exist. Share k - 1 zeros out in whole numbers."""
    if kernel < 1:
        raise ValueError("no window")
    return (kernel - 1) / 2, (kernel - 1) / 2


def same_padding__rounds_down_twice(kernel):
    """For odd windows it is right. For even ones a zero is missing: k - 1 zeros are needed in all."""
    if kernel < 1:
        raise ValueError("no window")
    return (kernel - 1) // 2, (kernel - 1) // 2


def same_padding__all_after(kernel):
    """All your zeros come after. The number is right; share them out between the two sides."""
    if kernel < 1:
        raise ValueError("no window")
    return 0, kernel - 1


def same_padding__kernel_zeros(kernel):
    """You add k zeros in all. With one zero fewer the map is already as large as the picture."""
    if kernel < 1:
        raise ValueError("no window")
    return kernel // 2, kernel - kernel // 2


def same_padding__no_check(kernel):
    """It is right for every window that exists. A window of 0 pixels does not; the docstring says what to do."""
    return (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2


def _slide(padded, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


def _frame(image, kernel, mode="constant", extra_first=False):
    sides = []
    for size in kernel.shape:
        small, large = (size - 1) // 2, size - 1 - (size - 1) // 2
        sides.append((large, small) if extra_first else (small, large))
    return np.pad(image.astype(float), sides, mode=mode)


def conv2d_same__extra_zero_first(image, kernel):
    """For odd kernels it is right. For even ones your picture is moved by one: the extra zero goes after, not before."""
    return _slide(_frame(image, kernel, extra_first=True), kernel.astype(float))


def conv2d_same__flips_the_kernel(image, kernel):
    """Your kernel is upside down and mirrored. Lay it on as it is (lesson 1), and pad the same way."""
    return _slide(_frame(image, kernel), kernel[::-1, ::-1].astype(float))


def conv2d_same__repeats_the_edge(image, kernel):
    """In the middle it is right, at the border it is not: outside of the picture there are zeros, not copies of the edge."""
    return _slide(_frame(image, kernel, mode="edge"), kernel.astype(float))


def conv2d_same__pads_the_result(image, kernel):
    """You convolved without padding and put zeros around the result. The zeros belong around the picture, before the window slides."""
    height, width = kernel.shape
    if height > image.shape[0] or width > image.shape[1]:
        return np.zeros(image.shape)
    inner = _slide(image.astype(float), kernel.astype(float))
    top, left = (height - 1) // 2, (width - 1) // 2
    return np.pad(inner, ((top, height - 1 - top), (left, width - 1 - left)))


def conv2d_same__one_zero_on_each_side(image, kernel):
    """You always add one zero on each side. That is right for a window of 3 only; how many does this kernel need?"""
    padded = np.pad(image.astype(float), 1)
    if kernel.shape[0] > padded.shape[0] or kernel.shape[1] > padded.shape[1]:
        return np.zeros((1, 1))
    return _slide(padded, kernel.astype(float))


def conv2d_same__pads_height_like_width(image, kernel):
    """You pad both axes by the kernel's height. Its width may be another; each axis needs its own number of zeros."""
    small, large = (kernel.shape[0] - 1) // 2, kernel.shape[0] - 1 - (kernel.shape[0] - 1) // 2
    padded = np.pad(image.astype(float), ((small, large), (small, large)))
    if kernel.shape[1] > padded.shape[1]:
        return np.zeros((1, 1))
    return _slide(padded, kernel.astype(float))


def conv2d_same__overflows_uint8(image, kernel):
    """It is right for small numbers, but uint8 values wrap around at 256. Convert the picture before you multiply."""
    sides = [((size - 1) // 2, size - 1 - (size - 1) // 2) for size in kernel.shape]
    padded = np.pad(image, sides)
    output = np.zeros(image.shape, dtype=np.result_type(image, kernel))
    for u in range(kernel.shape[0]):
        for v in range(kernel.shape[1]):
            output += padded[u : u + image.shape[0], v : v + image.shape[1]] * kernel[u, v]
    return output


def _checked(n, kernel, padding):
    if padding not in ("valid", "same"):
        raise ValueError("unknown padding")
    if kernel < 1 or (padding == "valid" and kernel > n):
        raise ValueError("the window does not fit")


def _along(n, kernel, padding):
    before, outputs = ((kernel - 1) // 2, n) if padding == "same" else (0, n - kernel + 1)
    return [sum(0 <= p - (i - before) < kernel for i in range(outputs)) for p in range(n)]


def pixel_visits__adds_the_axes(n, kernel, padding):
    """You added what happens along the rows to what happens along the columns. A pixel is seen once for each *pair* of places: multiply."""
    _checked(n, kernel, padding)
    along = np.array(_along(n, kernel, padding))
    return along[:, None] + along[None, :]


def pixel_visits__every_pixel_alike(n, kernel, padding):
    """You gave every pixel the number of the middle. Pixels at the edge take part in fewer windows; count one by hand."""
    _checked(n, kernel, padding)
    return np.full((n, n), kernel * kernel)


def pixel_visits__ignores_the_padding(n, kernel, padding):
    """With "same" you count the same windows as with "valid". Windows that stand partly on the frame see pixels, too."""
    _checked(n, kernel, padding)
    if kernel > n:
        return np.zeros((n, n), dtype=int)
    along = _along(n, kernel, "valid")
    return np.outer(along, along)


def pixel_visits__returns_floats(n, kernel, padding):
    """The numbers are right, but they are floats. A count is a whole number: say dtype=int where you make the array."""
    _checked(n, kernel, padding)
    along = _along(n, kernel, padding)
    return np.outer(along, along).astype(float)


def pixel_visits__counts_outputs_by_corner(n, kernel, padding):
    """You counted at how many places a window *starts*. A window also sees all the pixels after its first one."""
    _checked(n, kernel, padding)
    outputs = n if padding == "same" else n - kernel + 1
    along = [int(p < outputs) for p in range(n)]
    return np.outer(along, along)


def pixel_visits__extra_zero_first(n, kernel, padding):
    """Your map is the wrong way around for even windows with "same": the extra zero goes after, so the other side is seen more often."""
    _checked(n, kernel, padding)
    along = _along(n, kernel, padding)
    along = along[::-1] if padding == "same" else along
    return np.outer(along, along)


def pixel_visits__with_the_frame(n, kernel, padding):
    """Your map is larger than the picture: you counted the zeros of the frame as well. Cut it back to n × n."""
    _checked(n, kernel, padding)
    size = n + (kernel - 1 if padding == "same" else 0)
    along = [sum(0 <= p - i < kernel for i in range(size - kernel + 1)) for p in range(size)]
    return np.outer(along, along)


def layers_until_gone__loses_a_whole_kernel(n, kernel):
    """Your map loses k pixels per layer. It loses one less: a window of 3 turns 5 pixels into 3, not into 2."""
    if kernel <= 1:
        raise ValueError("never")
    return max(n, 0) // kernel


def layers_until_gone__one_layer_too_many(n, kernel):
    """You count one layer too many: the last one of yours no longer fits into the map."""
    if kernel <= 1:
        raise ValueError("never")
    return max((n - 1) // (kernel - 1), 0) + 1


def layers_until_gone__stops_at_equal_size(n, kernel):
    """When the map is exactly as large as the window, one more layer fits and leaves a single number."""
    if kernel <= 1:
        raise ValueError("never")
    layers = 0
    while n > kernel:
        n, layers = n - kernel + 1, layers + 1
    return layers


def layers_until_gone__float_division(n, kernel):
    """You divided with a single slash, so half layers appear. A number of layers is whole: use //."""
    if kernel <= 1:
        raise ValueError("never")
    return max((n - 1) / (kernel - 1), 0)


def layers_until_gone__rounds_up(n, kernel):
    """You round up. A last layer that only half fits does not count."""
    if kernel <= 1:
        raise ValueError("never")
    return max(-(-(n - 1) // (kernel - 1)), 0)


def layers_until_gone__counts_pixels_left(n, kernel):
    """That is how large the last map is. The question is after how many layers."""
    if kernel <= 1:
        raise ValueError("never")
    while n >= kernel:
        n = n - kernel + 1
    return n


def layers_until_gone__no_end_gives_zero(n, kernel):
    """A window of one pixel never makes the map smaller, so there is no such number, not even 0. The docstring says what to do."""
    if kernel <= 1:
        return 0
    return max((n - 1) // (kernel - 1), 0)


def output_size_valid__accepts_windows_without_pixels(n, kernel):
    """A window of 0 pixels got a number of places from you. There is no such window; the docstring asks for an error."""
    if kernel > n:
        raise ValueError("the window does not fit")
    return n - kernel + 1


def output_size_valid__refuses_zero_only(n, kernel):
    """You refuse a window of 0 pixels, but not one of -2, which does not exist either."""
    if kernel == 0 or kernel > n:
        raise ValueError("the window does not fit")
    return n - kernel + 1


def output_size_valid__gives_zero_places(n, kernel):
    """Where the window is longer than the row of pixels you return 0. The docstring asks for an error."""
    if kernel < 1:
        raise ValueError("no window")
    return max(n - kernel + 1, 0)


def zero_pad__one_number_for_all_sides(image, before, after):
    """You put the same number of zeros on all sides. Each of the four numbers belongs to a side of its own."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    width = max(*before, *after)
    return np.pad(image, ((width, width), (width, width)) + ((0, 0),) * (image.ndim - 2))


def zero_pad__cuts_decimals_off(image, before, after):
    """Your array holds whole numbers only, so a pixel of 0.25 became 0. Make it of floats, or of the image's type."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    rest = ((0, 0),) * (image.ndim - 2)
    return np.pad(image, ((before[0], after[0]), (before[1], after[1]), *rest)).astype(int)


def zero_pad__averages_the_colors(image, before, after):
    """A picture with channels lost them on the way. They stay as they are: the result has as many axes as the image."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    flat = image.mean(axis=2) if image.ndim == 3 else image
    return np.pad(flat, ((before[0], after[0]), (before[1], after[1])))


def zero_pad__checks_the_top_only(image, before, after):
    """You refuse a negative number above the image. The same holds for the other three sides."""
    if before[0] < 0:
        raise ValueError("negative")
    (top, left), (bottom, right) = before, after
    rest = ((0, 0),) * (image.ndim - 2)
    return np.pad(image, ((top, max(bottom, 0)), (max(left, 0), max(right, 0)), *rest))


def zero_pad__checks_before_only(image, before, after):
    """You look for negative numbers in `before`, but `after` may hold one as well."""
    if min(before) < 0:
        raise ValueError("negative")
    (top, left), (bottom, right) = before, after
    rest = ((0, 0),) * (image.ndim - 2)
    return np.pad(image, ((top, max(bottom, 0)), (left, max(right, 0)), *rest))


def zero_pad__checks_the_sum(image, before, after):
    """You add the four numbers up before you look whether they are negative, and 2 hides a -1. Look at each of them."""
    if sum(before) + sum(after) < 0:
        raise ValueError("negative")
    (top, left), (bottom, right) = before, after
    rest = image.shape[2:]
    padded = np.zeros((image.shape[0] + top + bottom, image.shape[1] + left + right, *rest), image.dtype)
    cut = image[max(-top, 0) : image.shape[0] + min(bottom, 0), max(-left, 0) : image.shape[1] + min(right, 0)]
    padded[max(top, 0) :, max(left, 0) :][: cut.shape[0], : cut.shape[1]] = cut
    return padded


def zero_pad__slices_to_minus_zero(image, before, after):
    """Your slice ends at -0 where nothing comes after, and that is its beginning. Say where the image ends by its own size."""
    if min(*before, *after) < 0:
        raise ValueError("negative")
    (top, left), (bottom, right) = before, after
    shape = (top + image.shape[0] + bottom, left + image.shape[1] + right, *image.shape[2:])
    padded = np.zeros(shape, image.dtype)
    padded[top:-bottom, left:-right] = image
    return padded


def same_padding__refuses_zero_only(kernel):
    """You refuse a window of 0 pixels, but not one of -3, which does not exist either."""
    if kernel == 0:
        raise ValueError("no window")
    return (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2


def same_padding__one_on_each_side(kernel):
    """One zero on each side is right for a window of 3. A longer one sticks out further."""
    if kernel < 1:
        raise ValueError("no window")
    return (1, 1) if kernel > 1 else (0, 0)


def conv2d_same__sorts_the_pairs_wrongly(image, kernel):
    """You passed the pairs of `same_padding` on as they came: (top, bottom) and (left, right). Padding wants (top, left) and (bottom, right)."""
    pairs = [((size - 1) // 2, size - 1 - (size - 1) // 2) for size in kernel.shape]
    padded = np.pad(image.astype(float), [*zip(*pairs, strict=True)])
    if kernel.shape[0] > padded.shape[0] or kernel.shape[1] > padded.shape[1]:
        return np.zeros((1, 1))
    return _slide(padded, kernel.astype(float))


def conv2d_same__forgets_to_pad(image, kernel):
    """Your output is smaller than the picture: you did not pad. How many zeros does this kernel need?"""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        return np.zeros((0, 0))
    return _slide(image.astype(float), kernel.astype(float))


def conv2d_same__cuts_decimals_off(image, kernel):
    """Your outputs are whole numbers where they should not be: an array of ints cuts decimals off. Make an array of floats."""
    return _slide(_frame(image, kernel), kernel.astype(float)).astype(int)


def conv2d_same__refuses_large_kernels(image, kernel):
    """You refuse a kernel that is larger than the picture. With "same" it may be: there are enough zeros."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("the kernel is larger than the image")
    return _slide(_frame(image, kernel), kernel.astype(float))


def conv2d_same__multiplies_uint8(image, kernel):
    """The sum is wide enough, but its products were not: uint8 times uint8 wraps around at 256. Convert before you multiply."""
    sides = [((size - 1) // 2, size - 1 - (size - 1) // 2) for size in kernel.shape]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, sides), kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def conv2d_same__sums_in_int16(image, kernel):
    """int16 is wider than uint8, but not wide enough: it ends at 32,767. Convert to float, or to int."""
    image = image.astype(np.int16) if image.dtype == np.uint8 else image
    sides = [((size - 1) // 2, size - 1 - (size - 1) // 2) for size in kernel.shape]
    return _slide(np.pad(image, sides), kernel)


def pixel_visits__counts_in_uint8(n, kernel, padding):
    """It is right for small numbers, but uint8 ends at 255, and a pixel may be in more windows than that. Say dtype=int."""
    _checked(n, kernel, padding)
    along = np.array(_along(n, kernel, padding))
    return np.outer(along, along).astype(np.uint8)


def pixel_visits__slices_from_a_negative_start(n, kernel, padding):
    """Windows that begin above or left of the picture are missing: NumPy counts a negative start from the end. Begin at 0 there."""
    _checked(n, kernel, padding)
    before, outputs = ((kernel - 1) // 2, n) if padding == "same" else (0, n - kernel + 1)
    visits = np.zeros((n, n), dtype=int)
    for i in range(outputs):
        for j in range(outputs):
            visits[i - before : i - before + kernel, j - before : j - before + kernel] += 1
    return visits


def pixel_visits__zeros_for_a_large_window(n, kernel, padding):
    """With "valid" a window larger than the picture has no place. You return zeros; the docstring asks for an error."""
    if padding not in ("valid", "same") or kernel < 1:
        raise ValueError("unknown padding")
    along = _along(n, kernel, padding)
    return np.outer(along, along)


def pixel_visits__refuses_large_windows_always(n, kernel, padding):
    """You refuse a window larger than the picture. With "same" it may be: part of it stands on the frame."""
    _checked(n, kernel, "valid")
    _checked(n, kernel, padding)
    along = _along(n, kernel, padding)
    return np.outer(along, along)


def pixel_visits__accepts_windows_without_pixels(n, kernel, padding):
    """A window of 0 pixels sees nothing, and does not exist. You return a map of zeros; the docstring asks for an error."""
    if padding not in ("valid", "same") or (padding == "valid" and kernel > n):
        raise ValueError("unknown padding")
    along = _along(n, kernel, padding)
    return np.outer(along, along)


def pixel_visits__takes_any_word_for_valid(n, kernel, padding):
    """You treat every word other than "same" as "valid", even a typo. The docstring asks for an error."""
    _checked(n, kernel, "same" if padding == "same" else "valid")
    along = _along(n, kernel, padding)
    return np.outer(along, along)


def layers_until_gone__counts_down_to_the_end(n, kernel):
    """A window without a pixel does not exist either. The docstring asks for an error."""
    if kernel == 1:
        raise ValueError("never")
    return max((n - 1) // (kernel - 1), 0)


def layers_until_gone__refuses_zero_only(n, kernel):
    """You refuse windows of 0 and of 1 pixel, but not one of -2, which does not exist either."""
    if kernel in (0, 1):
        raise ValueError("never")
    return max((n - 1) // (kernel - 1), 0)


def layers_until_gone__refuses_a_short_row(n, kernel):
    """Your number is right where a layer fits. Where not even the first one does, the answer is 0, and no error."""
    if kernel <= 1 or kernel > n:
        raise ValueError("never")
    return (n - 1) // (kernel - 1)
