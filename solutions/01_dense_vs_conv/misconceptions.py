"""Wrong answers that students really give in lesson 1: `<exercise>__<what went wrong>`, each with its sentence of help."""

import numpy as np


def conv2d_valid__flips_the_kernel(image, kernel):
    """Your kernel is upside down and mirrored: that is the mathematicians' convolution. Here it is laid on as it is."""
    kernel = kernel[::-1, ::-1]
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    if height < 1 or width < 1:
        raise ValueError("the kernel is larger than the image")
    output = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            output[i, j] = np.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel.astype(float))
    return output


def conv2d_valid__forgets_the_last_place(image, kernel):
    """Your output is one row and one column too small. Count at how many places a window of 3 fits into 5 pixels."""
    height, width = image.shape[0] - kernel.shape[0], image.shape[1] - kernel.shape[1]
    if height < 0 or width < 0:
        raise ValueError("the kernel is larger than the image")
    output = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            output[i, j] = np.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel.astype(float))
    return output


def conv2d_valid__swaps_height_and_width(image, kernel):
    """Your output has its rows where its columns should be. The first index of an array counts rows, so it goes with heights."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("the kernel is larger than the image")
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ji", windows, kernel)


def conv2d_valid__multiplies_matrices(image, kernel):
    """You multiplied the patch and the kernel as matrices (@ or np.dot). Here each pixel meets only the weight that lies on it."""
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    if height < 1 or width < 1:
        raise ValueError("the kernel is larger than the image")
    output = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            patch = image[i : i + kernel.shape[0], j : j + kernel.shape[1]]
            output[i, j] = np.sum(patch.astype(float).T @ kernel)
    return output


def conv2d_valid__multiplies_rows_with_columns(image, kernel):
    """You multiplied the patch and the kernel as matrices (@ or np.dot). Here each pixel meets only the weight that lies on it: write *."""
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    if height < 1 or width < 1:
        raise ValueError("the kernel is larger than the image")
    output = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            patch = image[i : i + kernel.shape[0], j : j + kernel.shape[1]]
            output[i, j] = np.sum(patch.astype(float) @ kernel)
    return output


def conv2d_valid__takes_the_mean(image, kernel):
    """Your values are too small by the number of weights: an output is the sum of the products, not their mean."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("the kernel is larger than the image")
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel) / kernel.size


def conv2d_valid__overflows_uint8(image, kernel):
    """It is right for small numbers, but uint8 values wrap around at 256. Convert the image before you multiply."""
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    if height < 1 or width < 1:
        raise ValueError("the kernel is larger than the image")
    output = np.zeros((height, width), dtype=np.result_type(image, kernel))
    for u in range(kernel.shape[0]):
        for v in range(kernel.shape[1]):
            output += image[u : u + height, v : v + width] * kernel[u, v]
    return output


def conv2d_valid__pads_with_zeros(image, kernel):
    """Your output is as large as the image: the window left the picture. Here it has to stay inside."""
    height, width = kernel.shape
    if height > image.shape[0] or width > image.shape[1]:
        raise ValueError("the kernel is larger than the image")
    before = (height - 1) // 2, (width - 1) // 2
    padded = np.pad(image.astype(float), ((before[0], height - 1 - before[0]), (before[1], width - 1 - before[1])))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


def dense_parameter_count__forgets_the_biases(input_shape, units):
    """The weights are right. Does a neuron learn anything besides its weights?"""
    return int(np.prod(input_shape)) * units


def dense_parameter_count__one_bias_for_the_layer(input_shape, units):
    """You counted one bias for the whole layer. Look at the index of b in the formula."""
    return int(np.prod(input_shape)) * units + 1


def dense_parameter_count__one_bias_per_input(input_shape, units):
    """You counted a bias for each input. It is the neurons that have one."""
    inputs = int(np.prod(input_shape))
    return inputs * units + inputs


def dense_parameter_count__adds_the_axes(input_shape, units):
    """A picture of 28 × 28 does not have 28 + 28 pixels. How many does it have?"""
    return sum(input_shape) * units + units


def dense_parameter_count__leaves_out_the_channels(input_shape, units):
    """You counted the pixels of one channel only. A color picture has three numbers at each pixel."""
    return input_shape[0] * (input_shape[1] if len(input_shape) > 1 else 1) * units + units


def conv_parameter_count__forgets_the_biases(kernel_size, in_channels, filters):
    """The weights are right. Each filter learns one more number."""
    return kernel_size[0] * kernel_size[1] * in_channels * filters


def conv_parameter_count__forgets_the_channels(kernel_size, in_channels, filters):
    """A filter looks at all channels of its patch, and has weights for each of them."""
    return kernel_size[0] * kernel_size[1] * filters + filters


def conv_parameter_count__one_bias_per_channel_and_filter(kernel_size, in_channels, filters):
    """You counted a bias for each channel of each filter. A filter adds its bias once, after summing over the channels."""
    return kernel_size[0] * kernel_size[1] * in_channels * filters + in_channels * filters


def conv_parameter_count__one_bias_per_channel(kernel_size, in_channels, filters):
    """You counted a bias for each input channel. It is the filters that have one each."""
    return kernel_size[0] * kernel_size[1] * in_channels * filters + in_channels


def conv_parameter_count__multiplies_the_image_in(kernel_size, in_channels, filters):
    """You have a set of weights for each place of a 28 × 28 picture. A convolution shares one set among all places."""
    return kernel_size[0] * kernel_size[1] * in_channels * filters * 28 * 28 + filters


def conv_parameter_count__thinks_kernels_are_square(kernel_size, in_channels, filters):
    """You squared the kernel's height. A kernel need not be as wide as it is high."""
    return kernel_size[0] ** 2 * in_channels * filters + filters


def receptive_patch__lets_negative_indices_wrap(image, row, col, kernel_size):
    """Negative positions slip through: NumPy counts them from the end, but an output -1 does not exist."""
    if row + kernel_size[0] > image.shape[0] or col + kernel_size[1] > image.shape[1]:
        raise ValueError("outside")
    window = np.take(image, range(row, row + kernel_size[0]), axis=0, mode="wrap")
    return np.take(window, range(col, col + kernel_size[1]), axis=1, mode="wrap")


def receptive_patch__asks_for_negative_rows_only(image, row, col, kernel_size):
    """You ask whether the row is negative, but not the column. An output in column -1 does not exist either."""
    if row < 0 or row + kernel_size[0] > image.shape[0] or col + kernel_size[1] > image.shape[1]:
        raise ValueError("outside")
    return image[row : row + kernel_size[0], col : col + kernel_size[1]]


def receptive_patch__returns_a_cut_patch(image, row, col, kernel_size):
    """At the far edges your patch is smaller than the window. NumPy cuts slices silently: ask before you slice."""
    if row < 0 or col < 0 or row >= image.shape[0] or col >= image.shape[1]:
        raise ValueError("outside")
    return image[row : row + kernel_size[0], col : col + kernel_size[1]]


def receptive_patch__centers_the_window(image, row, col, kernel_size):
    """Your window has the position in its middle. Here (row, col) is its top left corner."""
    height, width = kernel_size
    if not (0 <= row <= image.shape[0] - height and 0 <= col <= image.shape[1] - width):
        raise ValueError("outside")
    top, left = max(row - height // 2, 0), max(col - width // 2, 0)
    return image[top : top + height, left : left + width]


def receptive_patch__centers_the_window_and_loses_the_edge(image, row, col, kernel_size):
    """Your window has the position in its middle, so at the edge it begins before the picture. Here (row, col) is its top left corner."""
    height, width = kernel_size
    if not (0 <= row <= image.shape[0] - height and 0 <= col <= image.shape[1] - width):
        raise ValueError("outside")
    top, left = row - height // 2, col - width // 2
    return image[top : top + height, left : left + width]


def receptive_patch__centers_odd_windows(image, row, col, kernel_size):
    """With an odd size your window has the position in its middle. Here (row, col) is its top left corner, whatever the size."""
    height, width = kernel_size
    if not (0 <= row <= image.shape[0] - height and 0 <= col <= image.shape[1] - width):
        raise ValueError("outside")
    top, left = row - (height - 1) // 2, col - (width - 1) // 2
    return image[top : top + height, left : left + width]


def receptive_patch__swaps_row_and_column(image, row, col, kernel_size):
    """You used the column as the first index. The first index of an array counts rows."""
    height, width = kernel_size
    if not (0 <= row <= image.shape[0] - height and 0 <= col <= image.shape[1] - width):
        raise ValueError("outside")
    return image[col : col + height, row : row + width]


def receptive_patch__jumps_by_the_kernel(image, row, col, kernel_size):
    """Your windows do not overlap: you moved by a whole kernel from one output to the next. The window moves one pixel."""
    height, width = kernel_size
    if not (0 <= row <= image.shape[0] - height and 0 <= col <= image.shape[1] - width):
        raise ValueError("outside")
    return image[row * height : (row + 1) * height, col * width : (col + 1) * width]


def dense_matrix_of_conv__is_transposed(kernel, input_shape):
    """Your matrix has a row for each input. In W @ x, the rows belong to the outputs."""
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    matrix = np.zeros((height * width, rows * cols))
    for i in range(rows):
        for j in range(cols):
            for u in range(kernel_height):
                for v in range(kernel_width):
                    matrix[(i + u) * width + j + v, i * cols + j] = kernel[u, v]
    return matrix


def dense_matrix_of_conv__strides_by_the_output_width(kernel, input_shape):
    """The right weights stand in the wrong columns: one row further down in the picture is as many columns as the *input* is wide."""
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    matrix = np.zeros((rows * cols, height * width))
    for i in range(rows):
        for j in range(cols):
            for u in range(kernel_height):
                for v in range(kernel_width):
                    matrix[i * cols + j, (i + u) * cols + j + v] = kernel[u, v]
    return matrix


def dense_matrix_of_conv__puts_the_kernel_in_one_run(kernel, input_shape):
    """In each row you wrote the kernel's weights one after the other. Its second row meets the next row of the picture, further on."""
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    matrix = np.zeros((rows * cols, height * width))
    for i in range(rows):
        for j in range(cols):
            start = i * width + j
            run = kernel.ravel()[: height * width - start]
            matrix[i * cols + j, start : start + len(run)] = run
    return matrix


def dense_matrix_of_conv__does_not_jump_to_the_next_row(kernel, input_shape):
    """Each row of yours is the one above, one further right. At the end of a row of the picture the window jumps to the next row."""
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    first = np.zeros(height * width)
    for u in range(kernel_height):
        first[u * width : u * width + kernel_width] = kernel[u]
    return np.stack([np.roll(first, n) for n in range(rows * cols)])


def dense_matrix_of_conv__flips_the_kernel(kernel, input_shape):
    """The weights stand in the right places, but in reverse order. The kernel is not flipped here."""
    kernel = kernel[::-1, ::-1]
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    matrix = np.zeros((rows * cols, height * width))
    for i in range(rows):
        for j in range(cols):
            for u in range(kernel_height):
                for v in range(kernel_width):
                    matrix[i * cols + j, (i + u) * width + j + v] = kernel[u, v]
    return matrix


def dense_parameter_count__overflows_int32(input_shape, units):
    """It is right until the count no longer fits into 32 bits. Python's own whole numbers have no such limit."""
    with np.errstate(over="ignore"):
        weights = np.prod(input_shape, dtype=np.int32) * np.int32(units)
    return int(weights) + units


def dense_parameter_count__takes_two_axes(input_shape, units):
    """You multiplied the first and the last axis only. The flattened input has a number for each place on every axis."""
    return input_shape[0] * input_shape[-1] * units + units


def dense_parameter_count__returns_a_float(input_shape, units):
    """The number is right, but it is a float. A count is a whole number: 15, not 15.0."""
    return float(np.prod(input_shape) + 1) * units


def conv_parameter_count__uses_the_width_twice(kernel_size, in_channels, filters):
    """You squared the kernel's width. A kernel need not be as high as it is wide."""
    return kernel_size[1] ** 2 * in_channels * filters + filters


def conv_parameter_count__adds_the_sides(kernel_size, in_channels, filters):
    """A kernel of 3 × 2 does not have 3 + 2 weights. Draw it and count its squares."""
    return sum(kernel_size) * in_channels * filters + filters


def conv_parameter_count__one_bias_for_the_layer(kernel_size, in_channels, filters):
    """You counted one bias for the whole layer. Each filter has one of its own."""
    return kernel_size[0] * kernel_size[1] * in_channels * filters + 1


def conv_parameter_count__overflows_uint16(kernel_size, in_channels, filters):
    """It is right until the count is above 65,535. Python's own whole numbers have no such limit."""
    return np.uint16((kernel_size[0] * kernel_size[1] * in_channels + 1) * filters & 0xFFFF)


def receptive_patch__asks_for_negative_columns_only(image, row, col, kernel_size):
    """You ask whether the column is negative, but not the row. An output in row -1 does not exist either."""
    if col < 0 or row + kernel_size[0] > image.shape[0] or col + kernel_size[1] > image.shape[1]:
        raise ValueError("outside")
    return image[row : row + kernel_size[0], col : col + kernel_size[1]]


def receptive_patch__forgets_the_right_side(image, row, col, kernel_size):
    """You ask whether the window leaves the picture at the bottom, but not on the right, where NumPy cuts it off silently."""
    if row < 0 or col < 0 or row + kernel_size[0] > image.shape[0]:
        raise ValueError("outside")
    return image[row : row + kernel_size[0], col : col + kernel_size[1]]


def receptive_patch__fills_up_with_zeros(image, row, col, kernel_size):
    """Where the window leaves the picture you put zeros. Here the window has to stay inside; the docstring says what to do."""
    if row < 0 or col < 0:
        raise ValueError("outside")
    padded = np.pad(image, ((0, kernel_size[0]), (0, kernel_size[1])))
    return padded[row : row + kernel_size[0], col : col + kernel_size[1]]


def receptive_patch__cuts_decimals_off(image, row, col, kernel_size):
    """You keep whole numbers only, so a pixel of 0.5 becomes 0. Give your array the type of the image."""
    height, width = kernel_size
    if not (0 <= row <= image.shape[0] - height and 0 <= col <= image.shape[1] - width):
        raise ValueError("outside")
    patch = np.zeros((height, width), dtype=int)
    patch[:] = image[row : row + height, col : col + width]
    return patch


def receptive_patch__loses_the_last_place(image, row, col, kernel_size):
    """You turn away the last row and column of outputs. A window that ends exactly at the edge is still inside."""
    height, width = kernel_size
    if row < 0 or col < 0 or row >= image.shape[0] - height or col >= image.shape[1] - width:
        raise ValueError("outside")
    return image[row : row + height, col : col + width]


def receptive_patch__includes_one_pixel_more(image, row, col, kernel_size):
    """Your patch is one row and one column too large. The end of a slice does not belong to it."""
    height, width = kernel_size
    if not (0 <= row <= image.shape[0] - height and 0 <= col <= image.shape[1] - width):
        raise ValueError("outside")
    return image[row : row + height + 1, col : col + width + 1]


def conv2d_valid__multiplies_uint8(image, kernel):
    """The sum is wide enough, but its products were not: uint8 times uint8 wraps around at 256. Convert before you multiply."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("the kernel is larger than the image")
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def conv2d_valid__sums_in_int16(image, kernel):
    """int16 is wider than uint8, but not wide enough: it ends at 32,767. Convert to float, or to int."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("the kernel is larger than the image")
    image = image.astype(np.int16) if image.dtype == np.uint8 else image
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel)


def conv2d_valid__cuts_decimals_off(image, kernel):
    """Your outputs are whole numbers where they should not be: an array of ints cuts decimals off. Make an array of floats."""
    if kernel.shape[0] > image.shape[0] or kernel.shape[1] > image.shape[1]:
        raise ValueError("the kernel is larger than the image")
    windows = np.lib.stride_tricks.sliding_window_view(image.astype(float), kernel.shape)
    return np.einsum("ijuv,uv->ij", windows, kernel).astype(int)


def conv2d_valid__does_not_check_the_size(image, kernel):
    """It is right where the kernel fits. Where it is larger than the image, you return an empty array; the docstring asks for an error."""
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    output = np.zeros((max(height, 0), max(width, 0)))
    for i in range(height):
        for j in range(width):
            output[i, j] = np.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel.astype(float))
    return output


def conv2d_valid__checks_the_height_only(image, kernel):
    """You ask whether the kernel is taller than the image. It may be wider, too."""
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    if height < 1:
        raise ValueError("the kernel is larger than the image")
    output = np.zeros((height, max(width, 0)))
    for i in range(height):
        for j in range(width):
            output[i, j] = np.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel.astype(float))
    return output


def conv2d_valid__writes_into_the_image(image, kernel):
    """You write the outputs into the image itself. The next window then sees outputs where pixels were."""
    height, width = image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1
    if height < 1 or width < 1:
        raise ValueError("the kernel is larger than the image")
    for i in range(height):
        for j in range(width):
            image[i, j] = np.sum(image[i : i + kernel.shape[0], j : j + kernel.shape[1]] * kernel.astype(float))
    return image[:height, :width]


def dense_matrix_of_conv__checks_the_height_only(kernel, input_shape):
    """You ask whether the kernel is taller than the input. It may be wider, too."""
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, max(width - kernel_width + 1, 0)
    if rows < 1:
        raise ValueError("the kernel is larger than the input")
    matrix = np.zeros((rows * cols, height * width))
    for i in range(rows):
        for j in range(cols):
            for u in range(kernel_height):
                for v in range(kernel_width):
                    matrix[i * cols + j, (i + u) * width + j + v] = kernel[u, v]
    return matrix


def dense_matrix_of_conv__does_not_check_the_size(kernel, input_shape):
    """It is right where the kernel fits. Where it is larger than the input, there is no output and no matrix; the docstring asks for an error."""
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = max(height - kernel_height + 1, 0), max(width - kernel_width + 1, 0)
    matrix = np.zeros((rows * cols, height * width))
    for i in range(rows):
        for j in range(cols):
            for u in range(kernel_height):
                for v in range(kernel_width):
                    matrix[i * cols + j, (i + u) * width + j + v] = kernel[u, v]
    return matrix


def dense_matrix_of_conv__cuts_decimals_off(kernel, input_shape):
    """Your matrix holds whole numbers only, so a weight of 0.5 became 0. Make an array of floats."""
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    matrix = np.zeros((rows * cols, height * width), dtype=int)
    for i in range(rows):
        for j in range(cols):
            for u in range(kernel_height):
                for v in range(kernel_width):
                    matrix[i * cols + j, (i + u) * width + j + v] = kernel[u, v]
    return matrix


def dense_matrix_of_conv__swaps_height_and_width(kernel, input_shape):
    """You took the picture's width for its height. The first number of a shape counts rows."""
    (kernel_height, kernel_width), (width, height) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    matrix = np.zeros((rows * cols, height * width))
    for i in range(rows):
        for j in range(cols):
            for u in range(kernel_height):
                for v in range(kernel_width):
                    matrix[i * cols + j, (i + u) * width + j + v] = kernel[u, v]
    return matrix


def dense_matrix_of_conv__shows_the_patches_only(kernel, input_shape):
    """Each of your rows holds the kernel's weights alone. A dense layer has a weight for every pixel, mostly zeros here."""
    (kernel_height, kernel_width), (height, width) = kernel.shape, input_shape
    rows, cols = height - kernel_height + 1, width - kernel_width + 1
    if rows < 1 or cols < 1:
        raise ValueError("the kernel is larger than the input")
    return np.tile(kernel.ravel(), (rows * cols, 1))
