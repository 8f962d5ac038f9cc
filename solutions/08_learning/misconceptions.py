"""Wrong answers that students really give in lesson 8: `<exercise>__<what went wrong>`, each with its sentence of help."""

import numpy as np


def _numeric_gradient_by(f, x, slope, step, least=0.0):
    """The slope of each entry, from the values of f above, here and below."""
    if step <= least:
        raise ValueError("the step is not above 0")
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] += step
        below[place] -= step
        gradient[place] = slope(f(above), f(x), f(below))
    return gradient


def numeric_gradient__to_one_side(f, x, step=1e-4):
    """You wiggle to one side only: up, and compare with where you were. A central difference goes up and down."""
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - here) / step, step)


def numeric_gradient__to_the_left_only(f, x, step=1e-4):
    """You wiggle to one side only: down, and compare with where you were. A central difference goes up and down."""
    return _numeric_gradient_by(f, x, lambda above, here, below: (here - below) / step, step)


def numeric_gradient__divides_by_one_step(f, x, step=1e-4):
    """All slopes are twice too steep. From below to above, how many steps is that?"""
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - below) / step, step)


def numeric_gradient__half_a_step(f, x, step=1e-4):
    """You move each entry by half a step to either side. `step` is how far it goes in *each* direction."""
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - below) / step, step / 2)


def numeric_gradient__forgets_to_divide(f, x, step=1e-4):
    """That is by how much f changes. How much it changes *per unit* is asked for, so the distance has to go out again."""
    return _numeric_gradient_by(f, x, lambda above, here, below: above - below, step)


def numeric_gradient__multiplies_by_a_half(f, x, step=1e-4):
    """You divide by 2, and the step stays in. The two values lie two *steps* apart."""
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - below) / 2, step)


def numeric_gradient__divides_by_two_times_step(f, x, step=1e-4):
    """Python reads a / 2 * b from left to right: it divides by 2 and then *multiplies* by b. Where do brackets belong?"""
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - below) / 2 * step, step)


def numeric_gradient__points_down(f, x, step=1e-4):
    """Your signs are all turned. A slope is positive where f grows with its entry: which of the two values comes first?"""
    return _numeric_gradient_by(f, x, lambda above, here, below: (below - above) / (2 * step), step)


def numeric_gradient__all_at_once(f, x, step=1e-4):
    """You move all entries together, so they all get the same number. One entry at a time; the others stay where they are."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    return np.full(x.shape, (f(x + step) - f(x - step)) / (2 * step))


def numeric_gradient__one_number(f, x, step=1e-4):
    """You return one number for all entries together. Each entry has a slope of its own."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    return (f(x + step) - f(x - step)) / (2 * step)


def numeric_gradient__moves_whole_rows(f, x, step=1e-4):
    """With one index you move a whole row of x at once. With two axes or more, an entry needs an index for each."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    gradient = np.zeros(x.shape)
    for place in range(len(x)):
        above, below = x.copy(), x.copy()
        above[place] += step
        below[place] -= step
        gradient[place] = (f(above) - f(below)) / (2 * step)
    return gradient


def numeric_gradient__first_column_only(f, x, step=1e-4):
    """Only the first entry of each row is moved, the slopes of all others stay 0. Every entry has its turn."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    gradient = np.zeros(x.shape)
    for row in range(len(x)):
        place = (row, *[0] * (x.ndim - 1))
        above, below = x.copy(), x.copy()
        above[place] += step
        below[place] -= step
        gradient[place] = (f(above) - f(below)) / (2 * step)
    return gradient


def numeric_gradient__returns_it_flat(f, x, step=1e-4):
    """The numbers are right, and all in one row. The gradient has the same shape as x."""
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - below) / (2 * step), step).ravel()


def numeric_gradient__an_axis_too_many(f, x, step=1e-4):
    """The numbers are right, with one axis too many around them. The gradient has the same shape as x."""
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - below) / (2 * step), step)[np.newaxis]


def numeric_gradient__two_axes_at_most(f, x, step=1e-4):
    """It is right for one axis and for two. With more, your two indices take several entries at once; x may have any number of axes."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape[:2]):
        above, below = x.copy(), x.copy()
        above[place] += step
        below[place] -= step
        gradient[place] = (f(above) - f(below)) / (2 * step)
    return gradient


def numeric_gradient__moves_in_proportion(f, x, step=1e-4):
    """You move each entry by a share of itself, so large ones go far. `step` is a distance, the same for all entries."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[place] *= 1 + step
        below[place] *= 1 - step
        gradient[place] = (f(above) - f(below)) / (2 * step)
    return gradient


def numeric_gradient__leaves_the_others_moved(f, x, step=1e-4):
    """An entry that has had its turn stays moved while the next ones are measured. Put it back before you go on."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    gradient, moved = np.zeros(x.shape), x.copy()
    for place in np.ndindex(x.shape):
        moved[place] += step
        above = f(moved)
        moved[place] -= 2 * step
        gradient[place] = (above - f(moved)) / (2 * step)
    return gradient


def numeric_gradient__whole_numbers(f, x, step=1e-4):
    """Your gradient can hold only whole numbers, so everything behind the point is cut off. Make an array of floats."""
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - below) / (2 * step), step).astype(int)


def numeric_gradient__subtracts_in_float32(f, x, step=1e-4):
    """You keep the values of f in float32, which has seven digits. Two nearly equal values differ in the last ones only: subtract in float64."""
    return _numeric_gradient_by(
        f, x, lambda above, here, below: (np.float32(above) - np.float32(below)) / (2 * step), step
    )


def numeric_gradient__moves_back_and_forth(f, x, step=1e-4):
    """You move x's own entry there and back again, and rounding leaves a trace in its last digits. Work on a copy, or keep the old value."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        x[place] += step
        above = f(x)
        x[place] -= 2 * step
        gradient[place] = (above - f(x)) / (2 * step)
        x[place] += step
    return gradient


def numeric_gradient__no_copies(f, x, step=1e-4):
    """Your two arrays are x itself under other names. What you do to one of them happens to all: make copies."""
    if step <= 0:
        raise ValueError("the step is not above 0")
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        above = x
        below = x
        above[place] += step
        below[place] -= step
        gradient[place] = (f(above) - f(below)) / (2 * step)
    return gradient


def numeric_gradient__takes_any_step(f, x, step=1e-4):
    """It is right for every step above 0. With a step of 0 there is nothing to measure, and the docstring asks for an error."""
    with np.errstate(all="ignore"):
        return _numeric_gradient_by(
            f, x, lambda above, here, below: np.float64(above - below) / (2 * step), step, least=-np.inf
        )


def numeric_gradient__refuses_zero_only(f, x, step=1e-4):
    """You refuse a step of 0, and take a negative one. It must be above 0."""
    if step == 0:
        raise ValueError("no step")
    return _numeric_gradient_by(f, x, lambda above, here, below: (above - below) / (2 * step), step, least=-np.inf)


def _learn_kernel_checked(image, target, kernel_size, steps, forgets=()):
    rows, cols = image.shape[0] - kernel_size[0] + 1, image.shape[1] - kernel_size[1] + 1
    if "steps" not in forgets and steps < 1:
        raise ValueError("no step")
    if "size" not in forgets and min(kernel_size) < 1:
        raise ValueError("no kernel")
    if "fit" not in forgets and min(rows, cols) < 1:
        raise ValueError("the kernel is larger than the image")
    if "target" not in forgets and target.shape != (rows, cols):
        raise ValueError("the target has another shape")


def _learn_kernel_map(image, kernel, dtype=float):
    seen = np.zeros((image.shape[0] - kernel.shape[0] + 1, image.shape[1] - kernel.shape[1] + 1))
    for u, v in np.ndindex(kernel.shape):
        seen += kernel[u, v] * image[u : u + seen.shape[0], v : v + seen.shape[1]]
    return seen.astype(dtype).astype(float)


def _learn_kernel_sums(image, errors, kernel_size):
    """For each weight, the sum of error times pixel."""
    sums = np.zeros(kernel_size)
    rows, cols = image.shape[0] - kernel_size[0] + 1, image.shape[1] - kernel_size[1] + 1
    for u, v in np.ndindex(sums.shape):
        sums[u, v] = np.sum(errors * image[u : u + rows, v : v + cols])
    return sums


def _learn_kernel_by(
    image, target, kernel_size, steps, learning_rate,
    factor=lambda errors, kernel: 2 / np.float64(errors.size), loss=lambda errors: np.mean(errors**2), start=0.0, sums=None,
    dtype=float, forgets=(),
):  # fmt: skip
    _learn_kernel_checked(image, target, kernel_size, steps, forgets)
    image, kernel, losses = image.astype(float), np.full(tuple(kernel_size), start), []
    with np.errstate(all="ignore"):
        for _ in range(steps):
            errors = _learn_kernel_map(image, kernel, dtype) - target
            losses.append(loss(errors))
            gradient = factor(errors, kernel) * (sums or _learn_kernel_sums)(image, errors, kernel_size)
            kernel = kernel - learning_rate * gradient
    return kernel, losses


def learn_kernel__uphill(image, target, kernel_size, steps, learning_rate):
    """You add the gradient, which points uphill. Which way does the loss become smaller?"""
    return _learn_kernel_by(image, target, kernel_size, steps, -learning_rate)


def learn_kernel__without_the_two(image, target, kernel_size, steps, learning_rate):
    """Your steps are half as long as they should be. What does the slope of a square have in front of it?"""
    return _learn_kernel_by(
        image, target, kernel_size, steps, learning_rate, factor=lambda errors, kernel: 1 / errors.size
    )


def learn_kernel__gradient_of_the_sum(image, target, kernel_size, steps, learning_rate):
    """Your steps are as many times too long as there are outputs. The loss is a *mean*, and so is its gradient."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, factor=lambda errors, kernel: 2)


def learn_kernel__loss_of_the_sum(image, target, kernel_size, steps, learning_rate):
    """The kernel is right. Your losses add up the squares of all outputs: the loss is their *mean*."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, loss=lambda errors: np.sum(errors**2))


def learn_kernel__sums_everywhere(image, target, kernel_size, steps, learning_rate):
    """You add up over all outputs, in the loss and in its gradient. Both are means, so that a large map is not worse than a small one."""
    return _learn_kernel_by(
        image,
        target,
        kernel_size,
        steps,
        learning_rate,
        factor=lambda errors, kernel: 2,
        loss=lambda errors: np.sum(errors**2),
    )


def learn_kernel__loss_without_the_square(image, target, kernel_size, steps, learning_rate):
    """The kernel is right. Your losses are the mean distances to the target, without the square."""
    return _learn_kernel_by(
        image, target, kernel_size, steps, learning_rate, loss=lambda errors: np.mean(np.abs(errors))
    )


def learn_kernel__half_the_loss(image, target, kernel_size, steps, learning_rate):
    """You have put ½ before the square, as some books do to get rid of the 2. Here the loss is the plain mean of squares."""
    return _learn_kernel_by(
        image,
        target,
        kernel_size,
        steps,
        learning_rate,
        factor=lambda errors, kernel: 1 / errors.size,
        loss=lambda errors: np.mean(errors**2) / 2,
    )


def learn_kernel__mean_over_the_weights(image, target, kernel_size, steps, learning_rate):
    """You divide by the number of weights. The mean goes over the outputs: how many of these are there?"""
    return _learn_kernel_by(
        image, target, kernel_size, steps, learning_rate, factor=lambda errors, kernel: 2 / kernel.size
    )


def learn_kernel__mean_over_the_pixels(image, target, kernel_size, steps, learning_rate):
    """You divide by the number of pixels of the picture. The mean goes over the outputs, and there are fewer of them."""
    return _learn_kernel_by(
        image, target, kernel_size, steps, learning_rate, factor=lambda errors, kernel: 2 / image.size
    )


def learn_kernel__loss_after_the_step(image, target, kernel_size, steps, learning_rate):
    """The kernel is right. Your losses are those *after* each step, so the one of the zeros is missing."""
    kernel, losses = _learn_kernel_by(image, target, kernel_size, steps, learning_rate)
    last = np.mean((_learn_kernel_map(image.astype(float), kernel) - target) ** 2)
    return kernel, [*losses[1:], last]


def learn_kernel__one_loss_too_many(image, target, kernel_size, steps, learning_rate):
    """Your list also has the loss after the last step. One loss belongs to each step: the one before it."""
    kernel, losses = _learn_kernel_by(image, target, kernel_size, steps, learning_rate)
    return kernel, [*losses, np.mean((_learn_kernel_map(image.astype(float), kernel) - target) ** 2)]


def learn_kernel__last_loss_only(image, target, kernel_size, steps, learning_rate):
    """You return one loss, the last. Keep the loss before *each* step."""
    kernel, losses = _learn_kernel_by(image, target, kernel_size, steps, learning_rate)
    return kernel, losses[-1]


def learn_kernel__only_the_kernel(image, target, kernel_size, steps, learning_rate):
    """The kernel is right. Return a pair: the kernel and the list of losses."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate)[0]


def learn_kernel__losses_first(image, target, kernel_size, steps, learning_rate):
    """Both are right, and in the wrong order: first the kernel, then the losses."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate)[::-1]


def learn_kernel__one_step_too_few(image, target, kernel_size, steps, learning_rate):
    """You return the kernel as it was before the last step. The losses end there; the kernel has one more step to go."""
    _, losses = _learn_kernel_by(image, target, kernel_size, steps, learning_rate)
    if steps > 1:
        return _learn_kernel_by(image, target, kernel_size, steps - 1, learning_rate)[0], losses
    return np.zeros(tuple(kernel_size)), losses


def learn_kernel__flipped(image, target, kernel_size, steps, learning_rate):
    """Your kernel is turned by half a turn. Deep learning does not flip kernels: the upper left weight meets the window's upper left pixel."""
    kernel, losses = _learn_kernel_by(image, target, kernel_size, steps, learning_rate)
    return kernel[::-1, ::-1], losses


def learn_kernel__one_weight_after_another(image, target, kernel_size, steps, learning_rate):
    """You change one weight, and measure the errors anew before the next. All weights take their step together, from the same errors."""
    _learn_kernel_checked(image, target, kernel_size, steps)
    image, kernel, losses = image.astype(float), np.zeros(tuple(kernel_size)), []
    for _ in range(steps):
        losses.append(np.mean((_learn_kernel_map(image, kernel) - target) ** 2))
        for place in np.ndindex(kernel.shape):
            errors = _learn_kernel_map(image, kernel) - target
            kernel[place] -= learning_rate * 2 / errors.size * _learn_kernel_sums(image, errors, kernel_size)[place]
    return kernel, losses


def _learn_kernel_last_output(image, errors, kernel_size):
    return errors[-1, -1] * image[-kernel_size[0] :, -kernel_size[1] :]


def learn_kernel__last_output_only(image, target, kernel_size, steps, learning_rate):
    """Only the last output of the map pulls at your weights. Each output adds its share to the gradient: is there an = where += belongs?"""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, sums=_learn_kernel_last_output)


def learn_kernel__pixels_without_errors(image, target, kernel_size, steps, learning_rate):
    """All your outputs pull alike. A weight is pulled by its pixel *times the error* of that output, and more where more is wrong."""

    def pixels(image, errors, kernel_size):
        return _learn_kernel_sums(image, np.ones(errors.shape), kernel_size)

    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, sums=pixels)


def learn_kernel__errors_without_pixels(image, target, kernel_size, steps, learning_rate):
    """All your weights get the same step. Each has its own gradient, since each stands beside other pixels."""

    def errors_only(image, errors, kernel_size):
        return np.full(tuple(kernel_size), errors.sum())

    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, sums=errors_only)


def learn_kernel__always_from_zero(image, target, kernel_size, steps, learning_rate):
    """Every one of your steps begins at the zeros again. The next one starts where the one before has ended, with new errors."""
    kernel, losses = _learn_kernel_by(image, target, kernel_size, 1 if steps > 0 else steps, learning_rate)
    return kernel, losses * steps


def learn_kernel__same_errors_for_ever(image, target, kernel_size, steps, learning_rate):
    """You compute errors and gradient once, and use them for all steps. After each step the map is another one, and so are its errors."""
    kernel, _ = _learn_kernel_by(image, target, kernel_size, 1 if steps > 0 else steps, learning_rate)
    seen = _learn_kernel_map(image.astype(float), kernel)
    return steps * kernel, [float(np.mean((n * seen - target) ** 2)) for n in range(steps)]


def learn_kernel__starts_with_ones(image, target, kernel_size, steps, learning_rate):
    """Your first kernel is full of ones. Begin with zeros, so that everybody comes to the same kernel."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, start=1.0)


def learn_kernel__without_the_rate(image, target, kernel_size, steps, learning_rate):
    """You take away the whole gradient. A step is only a part of it, and the learning rate says how large a part."""
    return _learn_kernel_by(image, target, kernel_size, steps, 1.0)


def learn_kernel__kernel_on_its_side(image, target, kernel_size, steps, learning_rate):
    """The numbers are right, and rows and columns are exchanged: your kernel is the transposed one."""
    kernel, losses = _learn_kernel_by(image, target, kernel_size, steps, learning_rate)
    return kernel.T, losses


def learn_kernel__divides_the_image_by_255(image, target, kernel_size, steps, learning_rate):
    """You divide the picture by 255, perhaps by habit. Nobody has divided the target: take both as they are."""
    return _learn_kernel_by(image / 255, target, kernel_size, steps, learning_rate)


def learn_kernel__map_in_uint8(image, target, kernel_size, steps, learning_rate):
    """You put the map into an array of the target's type. If that is uint8, it cuts off all behind the point: the map needs floats."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, dtype=target.dtype)


def learn_kernel__errors_in_uint8(image, target, kernel_size, steps, learning_rate):
    """You square the target, or turn its sign, while it is still uint8: −1 becomes 255 there. Turn it into floats first."""
    _learn_kernel_checked(image, target, kernel_size, steps)
    image, kernel, losses, errors = image.astype(float), np.zeros(tuple(kernel_size)), [], -target
    for _ in range(steps):
        errors = errors.astype(float)
        losses.append(np.mean(errors**2))
        kernel = kernel - learning_rate * 2 / errors.size * _learn_kernel_sums(image, errors, kernel_size)
        errors = _learn_kernel_map(image, kernel) - target
    return kernel, losses


def learn_kernel__takes_no_steps(image, target, kernel_size, steps, learning_rate):
    """It is right for one step and more. Without any step nothing is learned, and the docstring asks for an error."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, forgets=["steps"])


def learn_kernel__takes_an_empty_kernel(image, target, kernel_size, steps, learning_rate):
    """It is right for kernels that have a weight. One without rows or columns is no kernel: the docstring asks for an error."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, forgets=["size"])


def learn_kernel__takes_a_kernel_that_does_not_fit(image, target, kernel_size, steps, learning_rate):
    """It is right as long as the kernel fits. A kernel larger than the image has no place to be, and no output: an error."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, forgets=["fit"])


def learn_kernel__looks_at_the_height_only(image, target, kernel_size, steps, learning_rate):
    """You ask only whether the kernel is too tall. It may be too wide, too."""
    if kernel_size[0] > image.shape[0]:
        raise ValueError("too tall")
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, forgets=["fit"])


def learn_kernel__refuses_a_kernel_as_large_as_the_image(image, target, kernel_size, steps, learning_rate):
    """You refuse a kernel that is as tall or as wide as the image. It fits, exactly once; only a larger one does not."""
    if kernel_size[0] >= image.shape[0] or kernel_size[1] >= image.shape[1]:
        raise ValueError("too large")
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate)


def learn_kernel__stretches_the_target(image, target, kernel_size, steps, learning_rate):
    """It is right if the target is as large as the map. If it is not, NumPy may stretch one of them silently: compare the shapes first."""
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, forgets=["target"])


def learn_kernel__counts_the_targets(image, target, kernel_size, steps, learning_rate):
    """You compare how *many* outputs and targets there are. As many numbers may lie there in another shape."""
    rows, cols = image.shape[0] - kernel_size[0] + 1, image.shape[1] - kernel_size[1] + 1
    if target.size != rows * cols:
        raise ValueError("the target has another size")
    return _learn_kernel_by(image, target, kernel_size, steps, learning_rate, forgets=["target"])


def _merge_linear_by(first, second, meet=np.matmul, last=1):
    """The kernel in which each pair of weights meets, by `meet`, at the sum of its places."""
    if first.shape[3] != second.shape[2]:
        raise ValueError("these do not fit")
    rows, cols = first.shape[0] + second.shape[0] - last, first.shape[1] + second.shape[1] - last
    merged = np.zeros((rows, cols, first.shape[2], second.shape[3]))
    for u, v in np.ndindex(first.shape[:2]):
        for a, b in np.ndindex(second.shape[:2]):
            merged[u + a, v + b] += meet(first[u, v], second[a, b])
    return merged


def merge_linear__second_flipped(first, second):
    """You have turned the second kernel by half a turn. Neither is flipped: the upper left weights of both meet in the upper left corner."""
    return _merge_linear_by(first, second[::-1, ::-1])


def merge_linear__first_flipped(first, second):
    """You have turned the first kernel by half a turn. Neither is flipped: the upper left weights of both meet in the upper left corner."""
    return _merge_linear_by(first[::-1, ::-1], second)


def merge_linear__result_flipped(first, second):
    """Your kernel is turned by half a turn. The upper left weights of both meet in the upper left corner."""
    return _merge_linear_by(first, second)[::-1, ::-1]


def merge_linear__size_without_the_one(first, second):
    """Your kernel has a row and a column too many, and they are zeros. How many rows do two windows of 2 see, one through the other?"""
    return _merge_linear_by(first, second, last=0)


def merge_linear__adds_the_kernels(first, second):
    """You have laid both kernels on each other and added them. In a row, the weights of one are *multiplied* by those of the other."""
    if first.shape[3] != second.shape[2]:
        raise ValueError("these do not fit")
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    merged = np.zeros((rows, cols, first.shape[2], second.shape[3]))
    merged[: first.shape[0], : first.shape[1]] += first.sum(axis=3, keepdims=True)
    merged[: second.shape[0], : second.shape[1]] += second.sum(axis=2, keepdims=True)
    return merged


def merge_linear__overwrites(first, second):
    """Several pairs of weights meet at the same place, and only the last of them is left there. What becomes of the others?"""
    if first.shape[3] != second.shape[2]:
        raise ValueError("these do not fit")
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    merged = np.zeros((rows, cols, first.shape[2], second.shape[3]))
    for u, v in np.ndindex(first.shape[:2]):
        for a, b in np.ndindex(second.shape[:2]):
            merged[u + a, v + b] = first[u, v] @ second[a, b]
    return merged


def merge_linear__only_where_both_lie(first, second):
    """You multiply only weights that lie on each other. *Every* weight of the first kernel meets every weight of the second."""
    if first.shape[3] != second.shape[2]:
        raise ValueError("these do not fit")
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    merged = np.zeros((rows, cols, first.shape[2], second.shape[3]))
    for u, v in np.ndindex(min(first.shape[0], second.shape[0]), min(first.shape[1], second.shape[1])):
        merged[u, v] = first[u, v] @ second[u, v]
    return merged


def merge_linear__rows_and_columns_exchanged(first, second):
    """The numbers are right, and rows and columns are exchanged. Rows come first, in kernels as in pictures."""
    return _merge_linear_by(first, second).swapaxes(0, 1)


def merge_linear__second_on_its_side(first, second):
    """Your second kernel lies on its side: its columns are added to the rows. Rows go with rows, columns with columns."""
    return _merge_linear_by(first, second.swapaxes(0, 1))


def merge_linear__channels_after_filters(first, second):
    """Your last two axes are exchanged: first come the input's channels, then the filters."""
    return _merge_linear_by(first, second).swapaxes(2, 3)


def merge_linear__wrong_order(first, second):
    """You have exchanged the two layers. What comes out of `first` goes into `second`, so the sum goes over the *filters* of the first one."""
    if second.shape[3] != first.shape[2]:
        raise ValueError("these do not fit")
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    merged = np.zeros((rows, cols, second.shape[2], first.shape[3]))
    for u, v in np.ndindex(first.shape[:2]):
        for a, b in np.ndindex(second.shape[:2]):
            merged[u + a, v + b] += second[a, b] @ first[u, v]
    return merged


def merge_linear__one_map_between(first, second):
    """You follow only the first of the maps between the two layers. All of them lead from a channel to a filter."""
    return _merge_linear_by(first, second, meet=lambda one, other: one[:, :1] @ other[:1])


def merge_linear__sums_apart(first, second):
    """You add up over the maps between in each kernel by itself, and multiply then. Each map's two weights belong together: multiply first."""
    return _merge_linear_by(
        first, second, meet=lambda one, other: one.sum(1, keepdims=True) @ other.sum(0, keepdims=True)
    )


def merge_linear__mean_over_the_maps(first, second):
    """You take the mean over the maps between. The second layer adds them up, and does not divide."""
    return _merge_linear_by(first, second, meet=lambda one, other: one @ other / other.shape[0])


def merge_linear__keeps_the_maps(first, second):
    """Your kernel still has an axis for the maps between the two layers. One layer has no maps between: they are added up."""
    if first.shape[3] != second.shape[2]:
        raise ValueError("these do not fit")
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    merged = np.zeros((rows, cols, *first.shape[2:], second.shape[3]))
    for u, v in np.ndindex(first.shape[:2]):
        for a, b in np.ndindex(second.shape[:2]):
            merged[u + a, v + b] += first[u, v][:, :, np.newaxis] * second[a, b]
    return merged


def merge_linear__without_channels(first, second):
    """You return a plain table. A kernel has four axes, even where there is only one channel and one filter."""
    return _merge_linear_by(first, second)[:, :, 0, 0]


def merge_linear__adds_up_the_channels(first, second):
    """You add up over the channels of the input as well. Each of them keeps weights of its own."""
    return _merge_linear_by(first, second).sum(axis=2, keepdims=True)


def merge_linear__stretches_one_filter(first, second):
    """It is right if the numbers fit. Where one of them is 1, NumPy stretches it silently, and einsum does, too: compare them first."""
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    merged = np.zeros((rows, cols, first.shape[2], second.shape[3]))
    for u, v in np.ndindex(first.shape[:2]):
        for a, b in np.ndindex(second.shape[:2]):
            merged[u + a, v + b] += np.einsum("cm,mf->cf", first[u, v], second[a, b])
    return merged


def merge_linear__leaves_filters_out(first, second):
    """You go through the second kernel's channels only, so filters of the first one are left out where it has more. That is an error."""
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    if first.shape[3] < second.shape[2]:
        raise ValueError("too few filters")
    merged = np.zeros((rows, cols, first.shape[2], second.shape[3]))
    for u, v in np.ndindex(first.shape[:2]):
        for a, b in np.ndindex(second.shape[:2]):
            for m in range(second.shape[2]):
                merged[u + a, v + b] += np.outer(first[u, v, :, m], second[a, b, m])
    return merged


def merge_linear__leaves_channels_out(first, second):
    """You go through the first kernel's filters only, so input channels of the second one are left out where it has more. That is an error."""
    rows, cols = first.shape[0] + second.shape[0] - 1, first.shape[1] + second.shape[1] - 1
    if first.shape[3] > second.shape[2]:
        raise ValueError("too many filters")
    merged = np.zeros((rows, cols, first.shape[2], second.shape[3]))
    for u, v in np.ndindex(first.shape[:2]):
        for a, b in np.ndindex(second.shape[:2]):
            for m in range(first.shape[3]):
                merged[u + a, v + b] += np.outer(first[u, v, :, m], second[a, b, m])
    return merged


def _relu_gradient_checked(x, upstream):
    if x.shape != upstream.shape:
        raise ValueError("the shapes differ")


def relu_gradient__passes_at_zero(x, upstream):
    """You hand the gradient on at exactly 0, too. There is a corner, and by custom nothing comes through."""
    _relu_gradient_checked(x, upstream)
    return np.where(x >= 0, upstream, 0)


def relu_gradient__half_at_zero(x, upstream):
    """At exactly 0 you hand on the half, as a compromise. By custom, and in Keras, it counts as nothing."""
    _relu_gradient_checked(x, upstream)
    return (np.sign(x) + 1) / 2 * upstream


def relu_gradient__relu_of_upstream(x, upstream):
    """You let `upstream` decide. What went into the ReLU decides whether something comes back; a negative gradient comes back as well."""
    _relu_gradient_checked(x, upstream)
    return np.maximum(upstream, 0)


def relu_gradient__both_above_zero(x, upstream):
    """You drop negative gradients as well. Where x is above 0 everything is handed on, whatever its sign."""
    _relu_gradient_checked(x, upstream)
    return np.where((x > 0) & (upstream > 0), upstream, 0)


def relu_gradient__the_mask(x, upstream):
    """That says *where* something is handed on. *What* is handed on is asked for, a number for each entry."""
    _relu_gradient_checked(x, upstream)
    return x > 0


def relu_gradient__the_slope_alone(x, upstream):
    """That is the slope of the ReLU itself, 0 or 1. How much does the *loss* change, if its output counts as much as `upstream` says?"""
    _relu_gradient_checked(x, upstream)
    return np.where(x > 0, 1, 0)


def relu_gradient__times_x(x, upstream):
    """You multiply by x. Above 0 the output moves just as x does, however large x is."""
    _relu_gradient_checked(x, upstream)
    return x * upstream


def relu_gradient__times_the_relu(x, upstream):
    """You multiply by the ReLU's output. Its *slope* is what counts, and above 0 that is the same for every x."""
    _relu_gradient_checked(x, upstream)
    return np.maximum(x, 0) * upstream


def relu_gradient__forward_again(x, upstream):
    """That is the ReLU's output. Here we go the other way: what becomes of `upstream`?"""
    _relu_gradient_checked(x, upstream)
    return np.maximum(x, 0)


def relu_gradient__hands_everything_on(x, upstream):
    """You hand everything on. Where x was below 0 the output did not depend on it, so nothing comes back."""
    _relu_gradient_checked(x, upstream)
    return upstream.copy()


def relu_gradient__turned_around(x, upstream):
    """You hand on where x is 0 or less, and stop where it is above. It is the other way round."""
    _relu_gradient_checked(x, upstream)
    return np.where(x > 0, 0, upstream)


def relu_gradient__by_the_sign(x, upstream):
    """Where x is below 0 you turn the sign. That is the slope of |x|; a ReLU does not move at all there."""
    _relu_gradient_checked(x, upstream)
    return np.sign(x) * upstream


def relu_gradient__drops_the_zeros(x, upstream):
    """You return only the entries that come through. The others are 0, and keep their places: the shape stays."""
    _relu_gradient_checked(x, upstream)
    return upstream[x > 0]


def relu_gradient__one_number(x, upstream):
    """You add everything up. Each entry of x has a gradient of its own."""
    _relu_gradient_checked(x, upstream)
    return float(upstream[x > 0].sum())


def relu_gradient__whole_numbers(x, upstream):
    """Your array can hold only whole numbers, so everything behind the point is cut off. Make it one of floats."""
    _relu_gradient_checked(x, upstream)
    return np.where(x > 0, upstream, 0).astype(int)


def relu_gradient__returns_it_flat(x, upstream):
    """The numbers are right, and all in one row. The gradient has the same shape as x."""
    _relu_gradient_checked(x, upstream)
    return np.where(x > 0, upstream, 0).ravel()


def relu_gradient__writes_into_upstream(x, upstream):
    """You write the zeros into `upstream` itself, which somebody else may still need. Make a new array."""
    _relu_gradient_checked(x, upstream)
    upstream[x <= 0] = 0
    return upstream


def relu_gradient__takes_any_shapes(x, upstream):
    """It is right for equal shapes. If they differ, NumPy may stretch one of them silently: compare them first."""
    return (x > 0) * upstream


def relu_gradient__counts_the_axes(x, upstream):
    """You compare only how many axes there are. An axis of length 1 is stretched silently: compare the whole shapes."""
    if x.ndim != upstream.ndim:
        raise ValueError("axes")
    return (x > 0) * upstream


def relu_gradient__counts_the_entries(x, upstream):
    """You compare only how many entries there are. As many numbers may lie there in another shape."""
    if x.size != upstream.size:
        raise ValueError("entries")
    return (x > 0) * upstream
