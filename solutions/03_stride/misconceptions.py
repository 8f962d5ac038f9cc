"""Wrong answers that students really give in lesson 3: `<exercise>__<what went wrong>`, each with its sentence of help."""

import numpy as np


def _size_checked(n, kernel, stride, padding):
    if padding not in ("valid", "same") or kernel < 1 or stride < 1 or (padding == "valid" and kernel > n):
        raise ValueError("no such padding, kernel or stride")


def output_size__forgets_the_first_place(n, kernel, stride, padding):
    """Under "valid" you are one place short: the window stands at 0 before it takes its first step."""
    _size_checked(n, kernel, stride, padding)
    return -(-n // stride) if padding == "same" else (n - kernel) // stride


def output_size__ignores_the_stride(n, kernel, stride, padding):
    """That is the size with steps of 1. With larger steps the window stops at fewer places."""
    _size_checked(n, kernel, stride, padding)
    return n if padding == "same" else n - kernel + 1


def output_size__divides_the_pixels(n, kernel, stride, padding):
    """Under "valid" you divide all pixels by the stride. The window itself needs k pixels; only the rest is there to step over."""
    _size_checked(n, kernel, stride, padding)
    return -(-n // stride)


def output_size__same_rounds_down(n, kernel, stride, padding):
    """Under "same" you round down. A last group that is shorter than the stride gets an output as well: 7 pixels and a stride of 2 give 4."""
    _size_checked(n, kernel, stride, padding)
    return n // stride if padding == "same" else (n - kernel) // stride + 1


def output_size__float_division(n, kernel, stride, padding):
    """A number of places is whole. You divided with a single slash; use // (and mind which way it rounds)."""
    _size_checked(n, kernel, stride, padding)
    return n / stride if padding == "same" else (n - kernel) / stride + 1


def output_size__valid_rounds_up(n, kernel, stride, padding):
    """Under "valid" you round up, which counts a window that no longer fits."""
    _size_checked(n, kernel, stride, padding)
    return -(-n // stride) if padding == "same" else -(-(n - kernel) // stride) + 1


def output_size__same_never_shrinks(n, kernel, stride, padding):
    """Under "same" you return n. With a stride the map does get smaller: the name fits a stride of 1 only."""
    _size_checked(n, kernel, stride, padding)
    return n if padding == "same" else (n - kernel) // stride + 1


def output_size__takes_any_padding(n, kernel, stride, padding):
    """Whatever is not "same" counts as "valid" in your code, a misspelled padding too. Refuse what is neither of the two."""
    if kernel < 1 or stride < 1 or (padding != "same" and kernel > n):
        raise ValueError("no such kernel or stride")
    return -(-n // stride) if padding == "same" else (n - kernel) // stride + 1


def output_size__takes_windows_of_nothing(n, kernel, stride, padding):
    """The numbers are right, but you accept a window without a single pixel. The docstring says which arguments to refuse."""
    _size_checked(n, max(kernel, 1), stride, padding)
    return -(-n // stride) if padding == "same" else (n - kernel) // stride + 1


def output_size__takes_steps_backwards(n, kernel, stride, padding):
    """The numbers are right, but you accept a stride below 1. A window with such a step never reaches the end of the row."""
    _size_checked(n, kernel, max(stride, 1), padding)
    return -(-n // stride) if padding == "same" else (n - kernel) // stride + 1


def output_size__takes_windows_that_do_not_fit(n, kernel, stride, padding):
    """Under "valid" you accept a window that is longer than the row. There is not even one place for it: refuse it."""
    _size_checked(max(n, kernel), kernel, stride, padding)
    return -(-n // stride) if padding == "same" else (n - kernel) // stride + 1


def output_size__refuses_large_windows_everywhere(n, kernel, stride, padding):
    """You refuse a large window under "same" as well. There the zeros make room for it; only under "valid" it has to fit."""
    _size_checked(n, kernel, stride, "valid" if padding == "same" else padding)
    return -(-n // stride) if padding == "same" else (n - kernel) // stride + 1


def ignored_pixels__rest_of_all_pixels(n, kernel, stride):
    """You took the remainder of n by the stride. The first window already covers k pixels, so n - k are left to step over."""
    if stride < 1 or not 1 <= kernel <= n:
        raise ValueError("no such window or stride")
    return n % stride


def ignored_pixels__rest_by_the_kernel(n, kernel, stride):
    """You divided by the kernel, as if windows stood side by side. They stand a stride apart."""
    if stride < 1 or not 1 <= kernel <= n:
        raise ValueError("no such window or stride")
    return n % kernel


def ignored_pixels__one_too_many(n, kernel, stride):
    """You are one off: the last window ends *at* pixel start + k - 1, and the last pixel is number n - 1."""
    if stride < 1 or not 1 <= kernel <= n:
        raise ValueError("no such window or stride")
    return (n - kernel) % stride + 1


def ignored_pixels__all_that_are_not_starts(n, kernel, stride):
    """You counted pixels at which no window starts. Most of them are seen by a window that started earlier."""
    if stride < 1 or not 1 <= kernel <= n:
        raise ValueError("no such window or stride")
    return n - ((n - kernel) // stride + 1)


def ignored_pixels__counts_gaps_too(n, kernel, stride):
    """You counted the gaps between two windows as well. Only what lies past the end of the last window counts here."""
    if stride < 1 or not 1 <= kernel <= n:
        raise ValueError("no such window or stride")
    seen = {start + step for start in range(0, n - kernel + 1, stride) for step in range(kernel)}
    return n - len(seen)


def ignored_pixels__always_stride_minus_one(n, kernel, stride):
    """That is the most that can be dropped. How many it is depends on where the last window ends."""
    if stride < 1 or not 1 <= kernel <= n:
        raise ValueError("no such window or stride")
    return stride - 1


def ignored_pixels__takes_windows_that_do_not_fit(n, kernel, stride):
    """You accept a window that is longer than the row. Then there is no last window whose end you could look past: refuse it."""
    if stride < 1 or kernel < 1:
        raise ValueError("no such window or stride")
    return (n - kernel) % stride


def ignored_pixels__takes_windows_of_nothing(n, kernel, stride):
    """The numbers are right, but you accept a window without a single pixel. The docstring says which arguments to refuse."""
    if stride < 1 or kernel > n:
        raise ValueError("no such window or stride")
    return (n - kernel) % stride


def ignored_pixels__takes_steps_backwards(n, kernel, stride):
    """The numbers are right, but you accept a stride below 1. A window with such a step has no last place."""
    if not 1 <= kernel <= n:
        raise ValueError("no such window")
    return (n - kernel) % stride


def same_padding_strided__as_the_notes_say(n, kernel, stride):
    """(k - 1) / 2 on each side is the usual rule of thumb. It forgets the stride: count the zeros that the last window needs."""
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    return (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2


def same_padding_strided__extra_zero_first(n, kernel, stride):
    """The number of zeros is right, but your extra one comes before. TensorFlow puts it after."""
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    zeros = max((-(-n // stride) - 1) * stride + kernel - n, 0)
    return zeros - zeros // 2, zeros // 2


def same_padding_strided__negative_zeros(n, kernel, stride):
    """You return negative numbers of zeros when the stride is larger than the kernel. There is no padding then: never fewer than 0."""
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    zeros = (-(-n // stride) - 1) * stride + kernel - n
    return zeros // 2, zeros - zeros // 2


def same_padding_strided__rounds_outputs_down(n, kernel, stride):
    """You need ceil(n / s) outputs, and you rounded down. When n is no multiple of the stride, one output is missing."""
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    zeros = max((n // stride - 1) * stride + kernel - n, 0)
    return zeros // 2, zeros - zeros // 2


def same_padding_strided__kernel_minus_stride(n, kernel, stride):
    """k - s zeros is right if n is a multiple of the stride. In other cases the last window starts elsewhere."""
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    zeros = max(kernel - stride, 0)
    return zeros // 2, zeros - zeros // 2


def same_padding_strided__keeps_the_size(n, kernel, stride):
    """You add zeros until there are n outputs even with the stride. Under "same" there are ceil(n / s) of them."""
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    zeros = max((n - 1) * stride + kernel - n, 0)
    return zeros // 2, zeros - zeros // 2


def same_padding_strided__only_the_sum(n, kernel, stride):
    """That is the number of zeros in all. A pair is asked for: how many before, how many after."""
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    return max((-(-n // stride) - 1) * stride + kernel - n, 0)


def same_padding_strided__takes_windows_of_nothing(n, kernel, stride):
    """The zeros are right, but you accept a window without a single pixel. The docstring says which arguments to refuse."""
    if stride < 1:
        raise ValueError("no such stride")
    zeros = max((-(-n // stride) - 1) * stride + kernel - n, 0)
    return zeros // 2, zeros - zeros // 2


def same_padding_strided__takes_steps_backwards(n, kernel, stride):
    """The zeros are right, but you accept a stride below 1. A window with such a step never reaches the end of the row."""
    if kernel < 1:
        raise ValueError("no such kernel")
    zeros = max((-(-n // stride) - 1) * stride + kernel - n, 0)
    return zeros // 2, zeros - zeros // 2


def same_padding_strided__no_more_than_the_input(n, kernel, stride):
    """You cut windows down to the size of the input. Under "same" a window may be larger; the zeros make up for the rest."""
    if kernel < 1 or stride < 1:
        raise ValueError("no such kernel or stride")
    zeros = max((-(-n // stride) - 1) * stride + min(kernel, n) - n, 0)
    return zeros // 2, zeros - zeros // 2


def _frame(n, k, s, padding):
    zeros = max((-(-n // s) - 1) * s + k - n, 0) if padding == "same" else 0
    return zeros // 2, zeros - zeros // 2


def _convolved(image, kernel, strides, padding, frame=_frame):
    for n, k, s in zip(image.shape, kernel.shape, strides, strict=True):
        if padding not in ("valid", "same") or s < 1 or (padding == "valid" and k > n):
            raise ValueError("no such padding or stride, or the kernel is too large")
    frames = [frame(n, k, s, padding) for n, k, s in zip(image.shape, kernel.shape, strides, strict=True)]
    padded = np.pad(image.astype(float), frames)
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel.astype(float))


def conv2d_strided__crops_the_map(image, kernel, strides, padding):
    """The size is right, the values are not: you cut the map of stride 1 to size. Take every second (third, ...) place instead."""
    whole = _convolved(image, kernel, strides, padding)[:: strides[0], :: strides[1]]
    ones = _convolved(image, kernel, (1, 1), padding)
    return ones[: whole.shape[0], : whole.shape[1]]


def conv2d_strided__swaps_the_strides(image, kernel, strides, padding):
    """Your strides are swapped: the first of the pair is vertical, from row to row."""
    return _convolved(image, kernel, tuple(strides)[::-1], padding)[:: strides[1], :: strides[0]]


def conv2d_strided__ignores_the_stride(image, kernel, strides, padding):
    """Your window moves one pixel at a time. Where do the strides enter the position of the patch?"""
    _convolved(image, kernel, strides, padding)
    return _convolved(image, kernel, (1, 1), padding)


def conv2d_strided__pads_as_without_a_stride(image, kernel, strides, padding):
    """Under "same" your map is moved by a pixel: you pad as for stride 1. With a stride fewer zeros may be needed."""
    _convolved(image, kernel, strides, padding)
    ones = _convolved(image, kernel, (1, 1), padding)
    return ones[:: strides[0], :: strides[1]]


def _extra_first(n, k, s, padding):
    return _frame(n, k, s, padding)[::-1]


def conv2d_strided__extra_zero_first(image, kernel, strides, padding):
    """Under "same" with an odd number of zeros your map is moved by a pixel: the extra zero goes after, not before."""
    return _convolved(image, kernel, strides, padding, _extra_first)[:: strides[0], :: strides[1]]


def conv2d_strided__flips_the_kernel(image, kernel, strides, padding):
    """Your kernel is upside down and mirrored. Lay it on as it is (lesson 1)."""
    return _convolved(image, kernel[::-1, ::-1], strides, padding)[:: strides[0], :: strides[1]]


def conv2d_strided__same_is_valid(image, kernel, strides, padding):
    """Under "same" you leave out the frame of zeros."""
    _convolved(image, kernel, strides, padding)
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        return np.zeros((0, 0))
    return _convolved(image, kernel, strides, "valid")[:: strides[0], :: strides[1]]


def conv2d_strided__one_stride_for_both_axes(image, kernel, strides, padding):
    """You use the vertical stride for both axes. The second one of the pair says how far the window moves to the right."""
    return _convolved(image, kernel, (strides[0], strides[0]), padding)[:: strides[0], :: strides[0]]


def conv2d_strided__steps_by_the_kernel(image, kernel, strides, padding):
    """Your windows stand side by side: you step by the kernel's size. The step is the stride, and windows may overlap."""
    _convolved(image, kernel, strides, padding)
    steps = kernel.shape
    return _convolved(image, kernel, steps, padding)[:: steps[0], :: steps[1]]


def conv2d_strided__overflows_uint8(image, kernel, strides, padding):
    """It is right for small numbers, but uint8 values wrap around at 256. Convert the image before you multiply."""
    _convolved(image, kernel, strides, padding)
    frames = [_frame(n, k, s, padding) for n, k, s in zip(image.shape, kernel.shape, strides, strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, frames), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)[:: strides[0], :: strides[1]]


def conv2d_strided__transposes_the_kernel(image, kernel, strides, padding):
    """Rows and columns of your kernel are swapped. Its first axis is its height, as that of the image is."""
    return _convolved(image, kernel.T, strides, padding)[:: strides[0], :: strides[1]]


def conv2d_strided__whole_numbers_only(image, kernel, strides, padding):
    """Your output has lost its decimals: it has the type of the image, which may hold whole numbers. Make room for floats."""
    due = _convolved(image, kernel, strides, padding)[:: strides[0], :: strides[1]]
    return due.astype(image.dtype)


def conv2d_strided__multiplies_in_place(image, kernel, strides, padding):
    """A slice of an array is a view: what you do to a patch with *= happens to the image itself. Make a new array of products."""
    due = _convolved(image, kernel, strides, padding)[:: strides[0], :: strides[1]]
    for i, j in np.ndindex(*due.shape):
        top, left = i * strides[0], j * strides[1]
        patch = image[top : top + kernel.shape[0], left : left + kernel.shape[1]]
        patch *= kernel[: patch.shape[0], : patch.shape[1]]
        due[i, j] = patch.sum()
    return due


def conv2d_strided__takes_any_padding(image, kernel, strides, padding):
    """Whatever is not "same" counts as "valid" in your code, a misspelled padding too. Refuse what is neither of the two."""
    padding = padding if padding == "same" else "valid"
    return _convolved(image, kernel, strides, padding)[:: strides[0], :: strides[1]]


def conv2d_strided__takes_steps_backwards(image, kernel, strides, padding):
    """The maps are right, but you accept a stride below 1. Such a step never gets the window to the end: refuse it."""
    positive = [max(stride, 1) for stride in strides]
    return _convolved(image, kernel, positive, padding)[:: strides[0], :: strides[1]]


def conv2d_strided__empty_if_it_does_not_fit(image, kernel, strides, padding):
    """Under "valid" a kernel larger than the image gives an empty map in your code. The docstring asks for a ValueError."""
    if padding == "valid" and (kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]):
        return np.zeros((0, 0))
    return _convolved(image, kernel, strides, padding)[:: strides[0], :: strides[1]]


def _layers_checked(layers):
    if any(kernel < 1 or stride < 1 for kernel, stride in layers):
        raise ValueError("no such kernel or stride")


def receptive_field_size__ignores_strides(layers):
    """You add k - 1 for each layer, which is right as long as all strides are 1. A stride makes the layers above it reach further."""
    _layers_checked(layers)
    return 1 + sum(kernel - 1 for kernel, _ in layers)


def receptive_field_size__from_the_wrong_end(layers):
    """You went from the picture up. Go from the top neuron down: each layer asks how many inputs its outputs need."""
    _layers_checked(layers)
    size = 1
    for kernel, stride in layers:
        size = (size - 1) * stride + kernel
    return size


def receptive_field_size__multiplies_kernels(layers):
    """You multiplied the kernels, as if windows stood side by side. They overlap, so the field grows more slowly."""
    _layers_checked(layers)
    size = 1
    for kernel, _ in layers:
        size *= kernel
    return size


def receptive_field_size__adds_kernels(layers):
    """You added up the kernels. Two windows of 3 at stride 1 see 5 pixels, not 6: the neighbors share some."""
    _layers_checked(layers)
    return sum(kernel for kernel, _ in layers) if layers else 1


def receptive_field_size__own_stride_counts(layers):
    """The last layer's own stride counts in your answer. A stride only matters to the layers above it."""
    _layers_checked(layers)
    size, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        size += (kernel - 1) * jump
    return size


def receptive_field_size__leaves_holes_out(layers):
    """You counted only the pixels that are really used. The extent is asked for, from the first to the last one, holes included."""
    _layers_checked(layers)
    seen = {0}
    for kernel, stride in reversed(layers):
        seen = {out * stride + step for out in seen for step in range(kernel)}
    return len(seen)


def receptive_field_size__zero_for_no_layer(layers):
    """It is right except for the empty list: without any layer the neuron is the pixel itself, so it sees one."""
    _layers_checked(layers)
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size if layers else 0


def receptive_field_size__forgets_the_overlap(layers):
    """You let every output add a whole step. The first one brings a whole window; only the others add a step each."""
    _layers_checked(layers)
    size = 1
    for kernel, stride in reversed(layers):
        size = size * stride + kernel - 1
    return size


def receptive_field_size__takes_windows_of_nothing(layers):
    """The sizes are right, but you accept a window without a single pixel. The docstring says what to refuse."""
    if any(stride < 1 for _, stride in layers):
        raise ValueError("no such stride")
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


def receptive_field_size__takes_steps_backwards(layers):
    """The sizes are right, but you accept a stride below 1, at the top too, where it has no influence on the number. Refuse it."""
    if any(kernel < 1 for kernel, _ in layers):
        raise ValueError("no such kernel")
    size = 1
    for kernel, stride in reversed(layers):
        size = (size - 1) * stride + kernel
    return size


def _fast_checked(image, kernel, strides):
    if min(strides) < 1 or kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("no such stride, or the kernel is too large")


def conv2d_fast__ignores_the_stride(image, kernel, strides):
    """You used all windows. Take a slice of them first: every s-th along each axis."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


def conv2d_fast__strides_inside_the_window(image, kernel, strides):
    """You sliced the wrong axes: the first two say where the window stands, the last two are inside of it."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    thinned = kernel[:: strides[0], :: strides[1]]
    return np.einsum("ijuv,uv->ij", windows[:, :, :: strides[0], :: strides[1]], thinned)


def conv2d_fast__swaps_the_strides(image, kernel, strides):
    """Your strides are swapped: the first of the pair is vertical, from row to row."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[:: strides[1], :: strides[0]], kernel)


def conv2d_fast__transposes_the_kernel(image, kernel, strides):
    """Rows and columns of your kernel are swapped. In einsum the letters of windows and kernel have to come in the same order."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape[::-1])
    return np.einsum("ijuv,vu->ij", windows[:: strides[0], :: strides[1]], kernel)


def conv2d_fast__flips_the_kernel(image, kernel, strides):
    """Your kernel is upside down and mirrored, as scipy.signal.convolve2d has it. Lay it on as it is (lesson 1)."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[:: strides[0], :: strides[1]], kernel[::-1, ::-1])


def conv2d_fast__sums_one_axis_only(image, kernel, strides):
    """Your result has too many axes: sum over both axes of the window, not only over one."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return (windows[:: strides[0], :: strides[1]] * kernel).sum(axis=-1)


def conv2d_fast__crops_the_map(image, kernel, strides):
    """The size is right, the values are not: you took the first windows. Take every s-th one along each axis."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    rows, cols = windows[:: strides[0], :: strides[1]].shape[:2]
    return np.einsum("ijuv,uv->ij", windows[:rows, :cols], kernel)


def conv2d_fast__overflows_uint8(image, kernel, strides):
    """It is right for small numbers, but uint8 values wrap around at 256. Convert the picture before you multiply."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[:: strides[0], :: strides[1]], kernel)


def conv2d_fast__whole_numbers_only(image, kernel, strides):
    """Your output has lost its decimals: it has the type of the image, which may hold whole numbers. Make room for floats."""
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[:: strides[0], :: strides[1]], kernel).astype(image.dtype)


def conv2d_fast__takes_steps_backwards(image, kernel, strides):
    """The maps are right, but with a negative step NumPy's slices run backwards without an error. Check the strides yourself."""
    _fast_checked(image, kernel, (1, 1))
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[:: strides[0], :: strides[1]], kernel)


def conv2d_fast__empty_if_it_does_not_fit(image, kernel, strides):
    """A kernel larger than the image gives an empty map in your code. The docstring asks for a ValueError."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        return np.zeros((0, 0))
    _fast_checked(image, kernel, strides)
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows[:: strides[0], :: strides[1]], kernel)
