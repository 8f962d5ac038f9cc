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


def _cross_entropy_labels(labels, n, classes, forgets=()):
    if "few" not in forgets and len(labels) < n:
        raise ValueError("too few labels")
    if "many" not in forgets and len(labels) > n:
        raise ValueError("too many labels")
    if "negative" not in forgets and min(labels) < 0:
        raise ValueError("a negative class")
    if "large" not in forgets and max(labels) >= classes:
        raise ValueError("no such class")


def _cross_entropy_right_ones(probabilities, labels, floor=1e-7):
    _cross_entropy_labels(labels, *probabilities.shape)
    return np.maximum(probabilities[np.arange(len(labels)), labels], floor)


def cross_entropy__sum(probabilities, labels):
    """You added the losses of all pictures up. The mean is asked for, so that a large batch costs no more than a small one."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels)).sum()


def cross_entropy__base_ten(probabilities, labels):
    """Your logarithm is that of base 10. ln is the natural one, of base e: in NumPy it is called log, without a number."""
    return -np.log10(_cross_entropy_right_ones(probabilities, labels)).mean()


def cross_entropy__base_two(probabilities, labels):
    """You counted in bits: your logarithm has the base 2. ln is the natural one, of base e."""
    return -np.log2(_cross_entropy_right_ones(probabilities, labels)).mean()


def cross_entropy__forgets_the_minus(probabilities, labels):
    """Your loss is negative: the logarithm of a number below 1 is. The minus in front makes it a loss that grows with the mistake."""
    return np.log(_cross_entropy_right_ones(probabilities, labels)).mean()


def cross_entropy__no_logarithm(probabilities, labels):
    """You took 1 - p. A confident mistake would cost no more than 1 then; the logarithm makes it expensive."""
    return 1 - _cross_entropy_right_ones(probabilities, labels).mean()


def cross_entropy__logarithm_of_the_mean(probabilities, labels):
    """You took the mean of the probabilities and then its logarithm. Each picture has a loss of its own; the mean comes last."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels).mean())


def cross_entropy__of_every_class(probabilities, labels):
    """You took the logarithm of all probabilities. Only the one of the right class counts, so the labels have to choose."""
    _cross_entropy_labels(labels, *probabilities.shape)
    return -np.log(np.maximum(probabilities, 1e-7)).mean()


def cross_entropy__sums_every_class(probabilities, labels):
    """You added up the losses of all classes of a picture. Only the right class counts, so the labels have to choose."""
    _cross_entropy_labels(labels, *probabilities.shape)
    return -np.log(np.maximum(probabilities, 1e-7)).sum(axis=1).mean()


def cross_entropy__divides_by_all_numbers(probabilities, labels):
    """You divided by the number of all probabilities. One picture has one loss: divide by the number of pictures."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels)).sum() / probabilities.size


def cross_entropy__takes_rows(probabilities, labels):
    """One index chooses whole rows: with the labels alone you took pictures. You need one entry of each row, so two indices."""
    _cross_entropy_labels(labels, *probabilities.shape)
    return -np.log(np.maximum(probabilities[[label % len(labels) for label in labels]], 1e-7)).mean()


def cross_entropy__takes_columns(probabilities, labels):
    """A colon and the labels take whole columns: each picture met the labels of all pictures. Each row needs its own label only."""
    _cross_entropy_labels(labels, *probabilities.shape)
    return -np.log(np.maximum(probabilities[:, labels], 1e-7)).mean()


def cross_entropy__first_label_for_all(probabilities, labels):
    """You used the first label for every picture. Each row has a label of its own."""
    _cross_entropy_labels(labels, *probabilities.shape)
    return -np.log(np.maximum(probabilities[:, labels[0]], 1e-7)).mean()


def cross_entropy__largest_probability(probabilities, labels):
    """You took the largest probability of each row, that of the network's own guess. What counts is the class that the label names."""
    _cross_entropy_labels(labels, *probabilities.shape)
    return -np.log(probabilities.max(axis=1)).mean()


def cross_entropy__classes_from_one(probabilities, labels):
    """You took 1 away from each label. Classes are counted from 0 here, like Python's indices, so the labels fit as they are."""
    _cross_entropy_labels(labels, *probabilities.shape)
    right = probabilities[np.arange(len(labels)), labels.astype(int) - 1]
    return -np.log(np.maximum(right, 1e-7)).mean()


def cross_entropy__each_class_yes_or_no(probabilities, labels):
    """You also charged the wrong classes, with the logarithm of 1 - p. That is the loss for yes-or-no questions; here only p of the right class counts."""
    _cross_entropy_labels(labels, *probabilities.shape)
    right = labels[:, None] == np.arange(probabilities.shape[1])
    kept = np.where(right, probabilities, 1 - probabilities)
    return -np.log(np.maximum(kept, 1e-7)).sum(axis=1).mean()


def cross_entropy__squares(probabilities, labels):
    """You took squares of what is missing, as for the kernel. The loss of a probability is the negative logarithm."""
    return ((1 - _cross_entropy_right_ones(probabilities, labels)) ** 2).mean()


def cross_entropy__softmax_again(probabilities, labels):
    """You sent the probabilities through a softmax once more. They are probabilities already: take them as they are."""
    powers = np.exp(probabilities)
    return -np.log(_cross_entropy_right_ones(powers / powers.sum(axis=1, keepdims=True), labels)).mean()


def cross_entropy__a_loss_for_each(probabilities, labels):
    """These are the losses of the single pictures, and they are right. One number is asked for: their mean."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels))


def cross_entropy__rounded(probabilities, labels):
    """It is right, but rounded. Return the number as it is; only prints need rounding."""
    return round(float(-np.log(_cross_entropy_right_ones(probabilities, labels)).mean()), 2)


def cross_entropy__no_floor(probabilities, labels):
    """With p = 0 your loss is infinite. A probability below 1e-7 counts as 1e-7."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels, 0)).mean()


def cross_entropy__adds_the_floor(probabilities, labels):
    """You added 1e-7 to each probability, so 1e-9 counts as 1.01e-7. A floor replaces what lies below it, and leaves everything else alone."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels, 0) + 1e-7).mean()


def cross_entropy__a_lower_floor(probabilities, labels):
    """Your floor lies at 1e-12, as one often sees it. Here, as in Keras, it is 1e-7."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels, 1e-12)).mean()


def cross_entropy__the_lowest_floor(probabilities, labels):
    """Your floor lies at 1e-15, as one often sees it. Here, as in Keras, it is 1e-7."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels, 1e-15)).mean()


def cross_entropy__floor_of_the_machine(probabilities, labels):
    """Your floor is the machine epsilon, 2.2e-16. Here, as in Keras, it is 1e-7."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels, np.finfo(float).eps)).mean()


def cross_entropy__a_higher_floor(probabilities, labels):
    """Your floor lies at 1e-6, ten times too high. A probability below 1e-7 counts as 1e-7."""
    return -np.log(_cross_entropy_right_ones(probabilities, labels, 1e-6)).mean()


def cross_entropy__floor_for_zero_only(probabilities, labels):
    """You put 1e-7 only where p is 0 exactly. A p of 1e-9 lies below the floor as well."""
    right = _cross_entropy_right_ones(probabilities, labels, 0)
    return -np.log(np.where(right == 0, 1e-7, right)).mean()


def cross_entropy__zero_costs_nothing(probabilities, labels):
    """A picture whose right class got 0 costs nothing with you, and it is the worst mistake of all. Below 1e-7 p counts as 1e-7."""
    right = _cross_entropy_right_ones(probabilities, labels, 0)
    return -np.log(np.where(right == 0, 1, right)).mean()


def cross_entropy__one_hot_in_bytes(probabilities, labels):
    """Your one-hot array has the labels' type. In uint8 minus one is 255: put the minus before the whole sum, or use floats."""
    _cross_entropy_labels(labels, *probabilities.shape)
    right = (labels[:, None] == np.arange(probabilities.shape[1])).astype(labels.dtype)
    return (-right * np.log(np.maximum(probabilities, 1e-7))).sum(axis=1).mean()


def _cross_entropy_forgetful(probabilities, labels, *forgets):
    n, classes = probabilities.shape
    _cross_entropy_labels(labels, n, classes, forgets)
    pairs = zip(range(n), labels, strict=False)
    right = [probabilities[row, int(label) % classes] for row, label in pairs]
    return -np.log(np.maximum(right, 1e-7)).mean()


def cross_entropy__takes_too_few_labels(probabilities, labels):
    """When there are fewer labels than rows you count only as far as they reach, without a word. The docstring asks for an error."""
    return _cross_entropy_forgetful(probabilities, labels, "few")


def cross_entropy__takes_too_many_labels(probabilities, labels):
    """Labels that have no row are left out without a word. If their number is another one, something is wrong: raise a ValueError."""
    return _cross_entropy_forgetful(probabilities, labels, "many")


def cross_entropy__one_label_for_all_rows(probabilities, labels):
    """A single label is stretched to all rows, and NumPy does not complain. Compare the two lengths before you index."""
    _cross_entropy_labels(labels, *probabilities.shape, ["few"])
    many = np.broadcast_to(labels, len(probabilities))
    return -np.log(np.maximum(probabilities[np.arange(len(many)), many], 1e-7)).mean()


def cross_entropy__takes_negative_classes(probabilities, labels):
    """A class of -1 slips through: NumPy counts it from the end, so the last class is taken. There is no such class: refuse it."""
    return _cross_entropy_forgetful(probabilities, labels, "negative")


def cross_entropy__begins_again_at_zero(probabilities, labels):
    """A class number that is too large starts again at 0 with you. There is no such class: the docstring asks for an error."""
    return _cross_entropy_forgetful(probabilities, labels, "large")


def cross_entropy__leaves_strangers_out(probabilities, labels):
    """A picture whose class does not exist costs nothing with you, and nobody notices. The docstring asks for an error."""
    n, classes = probabilities.shape
    _cross_entropy_labels(labels, n, classes, ["large"])
    right = labels[:, None] == np.arange(classes)
    return -(right * np.log(np.maximum(probabilities, 1e-7))).sum() / n


def cross_entropy__lets_numpy_complain(probabilities, labels):
    """A class number that is too large ends in NumPy's IndexError. Look at the labels first, and raise a ValueError."""
    _cross_entropy_labels(labels, *probabilities.shape, ["large"])
    return -np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-7)).mean()


def _softmax_cross_entropy_gradient_shares(logits, axis=1):
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _softmax_cross_entropy_gradient_one_hot(logits, labels):
    _cross_entropy_labels(labels, *logits.shape)
    return (labels[:, None] == np.arange(logits.shape[1])).astype(float)


def _softmax_cross_entropy_gradient_from(shares, labels):
    return (shares - _softmax_cross_entropy_gradient_one_hot(shares, labels)) / len(labels)


def softmax_cross_entropy_gradient__forgets_the_mean(logits, labels):
    """For one picture it is right. The loss is the mean over the batch, so each of n pictures pulls only 1/n as hard."""
    return _softmax_cross_entropy_gradient_from(_softmax_cross_entropy_gradient_shares(logits), labels) * len(labels)


def softmax_cross_entropy_gradient__divides_twice(logits, labels):
    """You divided by the number of pictures twice. Once makes the mean of the sum."""
    return _softmax_cross_entropy_gradient_from(_softmax_cross_entropy_gradient_shares(logits), labels) / len(labels)


def softmax_cross_entropy_gradient__wrong_sign(logits, labels):
    """All signs are turned: you subtracted the probabilities from the labels. The loss falls when the right logit grows, so its gradient is negative."""
    return -_softmax_cross_entropy_gradient_from(_softmax_cross_entropy_gradient_shares(logits), labels)


def softmax_cross_entropy_gradient__divides_by_the_classes(logits, labels):
    """You divided by the number of classes as well. The mean goes over the pictures only."""
    gradient = _softmax_cross_entropy_gradient_from(_softmax_cross_entropy_gradient_shares(logits), labels)
    return gradient / logits.shape[1]


def softmax_cross_entropy_gradient__forgets_the_labels(logits, labels):
    """These are the probabilities; the labels do not come in. Something has to be taken away at the right class."""
    _cross_entropy_labels(labels, *logits.shape)
    return _softmax_cross_entropy_gradient_shares(logits) / len(labels)


def softmax_cross_entropy_gradient__one_from_everything(logits, labels):
    """You took 1 away from all classes. Only the right one of each row loses 1."""
    _cross_entropy_labels(labels, *logits.shape)
    return (_softmax_cross_entropy_gradient_shares(logits) - 1) / len(labels)


def softmax_cross_entropy_gradient__right_class_only(logits, labels):
    """Only the right class has a gradient with you. The others sit in the softmax's sum: when their logits grow, the loss grows."""
    y = _softmax_cross_entropy_gradient_one_hot(logits, labels)
    return y * (_softmax_cross_entropy_gradient_shares(logits) - 1) / len(labels)


def softmax_cross_entropy_gradient__wrong_classes_only(logits, labels):
    """The wrong classes are right; the right one gets 0. It is not at rest: its logit should grow, until its p is 1."""
    y = _softmax_cross_entropy_gradient_one_hot(logits, labels)
    return (1 - y) * _softmax_cross_entropy_gradient_shares(logits) / len(labels)


def softmax_cross_entropy_gradient__to_the_probabilities(logits, labels):
    """That is the gradient to the probabilities. It has to go back through the softmax, too; with it, all becomes simpler."""
    y = _softmax_cross_entropy_gradient_one_hot(logits, labels)
    with np.errstate(all="ignore"):
        return -y / _softmax_cross_entropy_gradient_shares(logits) / len(labels)


def softmax_cross_entropy_gradient__sigmoid_slope(logits, labels):
    """You multiplied by p (1 - p) as well. That slope is contained already: it cancels against the 1 / p of the logarithm."""
    shares = _softmax_cross_entropy_gradient_shares(logits)
    return _softmax_cross_entropy_gradient_from(shares, labels) * shares * (1 - shares)


def softmax_cross_entropy_gradient__through_softmax_twice(logits, labels):
    """You sent p - y back through the softmax once more. It is the gradient to the logits already."""
    shares = _softmax_cross_entropy_gradient_shares(logits)
    pull = _softmax_cross_entropy_gradient_from(shares, labels)
    return shares * (pull - (shares * pull).sum(axis=1, keepdims=True))


def softmax_cross_entropy_gradient__softmax_of_the_softmax(logits, labels):
    """You applied the softmax twice, one after the other. The logits go through it once."""
    shares = _softmax_cross_entropy_gradient_shares(_softmax_cross_entropy_gradient_shares(logits))
    return _softmax_cross_entropy_gradient_from(shares, labels)


def softmax_cross_entropy_gradient__forgets_the_softmax(logits, labels):
    """You took 1 away from the logits themselves. It is the probabilities that count: the softmax of the logits."""
    return _softmax_cross_entropy_gradient_from(logits, labels)


def softmax_cross_entropy_gradient__over_the_first_axis(logits, labels):
    """Your columns sum to 1. A row is a picture, and its classes share out 1 among themselves: along the last axis."""
    powers = np.exp(logits - logits.max(axis=0))
    return _softmax_cross_entropy_gradient_from(powers / powers.sum(axis=0), labels)


def softmax_cross_entropy_gradient__over_everything(logits, labels):
    """All probabilities of the batch together sum to 1. Each row should do so by itself."""
    powers = np.exp(logits - logits.max())
    return _softmax_cross_entropy_gradient_from(powers / powers.sum(), labels)


def softmax_cross_entropy_gradient__largest_of_each_column(logits, labels):
    """You subtracted the largest logit of each column, so classes of one row lost different amounts. All logits of a row must lose the same."""
    powers = np.exp(logits - logits.max(axis=0))
    return _softmax_cross_entropy_gradient_from(powers / powers.sum(axis=1, keepdims=True), labels)


def softmax_cross_entropy_gradient__not_stable(logits, labels):
    """It is right for small logits. e to the 1000 is infinite, as in lesson 7: what can you subtract from a row without changing its softmax?"""
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        return _softmax_cross_entropy_gradient_from(powers / powers.sum(axis=1, keepdims=True), labels)


def softmax_cross_entropy_gradient__largest_of_the_batch(logits, labels):
    """You subtracted one largest logit of the whole batch. In a row of much smaller ones all powers are 0 then: each row needs its own."""
    with np.errstate(all="ignore"):
        powers = np.exp(logits - logits.max())
        return _softmax_cross_entropy_gradient_from(powers / powers.sum(axis=1, keepdims=True), labels)


def softmax_cross_entropy_gradient__subtracts_the_mean(logits, labels):
    """You subtracted each row's mean. The largest logit may lie far above it, and its power is infinite: which number makes all powers at most 1?"""
    with np.errstate(all="ignore"):
        powers = np.exp(logits - logits.mean(axis=1, keepdims=True))
        return _softmax_cross_entropy_gradient_from(powers / powers.sum(axis=1, keepdims=True), labels)


def softmax_cross_entropy_gradient__clips_the_logits(logits, labels):
    """You cut large logits off. -999 and -1000 become the same then, and their probabilities are not. Subtract instead."""
    shares = _softmax_cross_entropy_gradient_shares(np.clip(logits, -500, 500))
    return _softmax_cross_entropy_gradient_from(shares, labels)


def softmax_cross_entropy_gradient__adds_to_the_sum(logits, labels):
    """You added a tiny number to the sum, so that it is never 0. Rows of very small logits then sum to 0, and large ones still overflow: subtract instead."""
    with np.errstate(all="ignore"):
        powers = np.exp(logits)
        return _softmax_cross_entropy_gradient_from(powers / (powers.sum(axis=1, keepdims=True) + 1e-12), labels)


def softmax_cross_entropy_gradient__one_hot_on_its_side(logits, labels):
    """Your one-hot array lies on its side, [classes, n], and NumPy stretched it. A row is a picture, a column is a class."""
    y = _softmax_cross_entropy_gradient_one_hot(logits, labels).T
    shares = _softmax_cross_entropy_gradient_shares(logits)
    return (shares - y) / len(labels)


def softmax_cross_entropy_gradient__whole_columns(logits, labels):
    """A colon and the labels reach whole columns: each row lost 1 at the labels of all pictures. Each row has one label only."""
    _cross_entropy_labels(labels, *logits.shape)
    gradient = _softmax_cross_entropy_gradient_shares(logits)
    gradient[:, labels] -= 1
    return gradient / len(labels)


def softmax_cross_entropy_gradient__its_own_guess(logits, labels):
    """You took 1 away at the largest logit, the network's own guess. The label says which class is right."""
    _cross_entropy_labels(labels, *logits.shape)
    return _softmax_cross_entropy_gradient_from(_softmax_cross_entropy_gradient_shares(logits), logits.argmax(axis=1))


def softmax_cross_entropy_gradient__one_row_for_the_batch(logits, labels):
    """You put all pictures together in one row. Each picture has logits of its own, so a row for each is asked for."""
    return _softmax_cross_entropy_gradient_from(_softmax_cross_entropy_gradient_shares(logits), labels).sum(axis=0)


def softmax_cross_entropy_gradient__one_hot_in_bytes(logits, labels):
    """Your one-hot array has the labels' type. In uint8 minus one is 255: subtract it from the probabilities, or use floats."""
    y = _softmax_cross_entropy_gradient_one_hot(logits, labels).astype(labels.dtype)
    return (-y + _softmax_cross_entropy_gradient_shares(logits)) / len(labels)


def softmax_cross_entropy_gradient__changes_the_logits(logits, labels):
    """Your numbers are right, but you subtracted inside of the caller's own array. Make a new one: logits - ... instead of -=."""
    logits -= logits.max(axis=1, keepdims=True)
    return _softmax_cross_entropy_gradient_from(_softmax_cross_entropy_gradient_shares(logits), labels)


def _softmax_cross_entropy_gradient_forgetful(logits, labels, *forgets):
    n, classes = logits.shape
    _cross_entropy_labels(labels, n, classes, forgets)
    gradient = _softmax_cross_entropy_gradient_shares(logits)
    for row, label in zip(gradient, labels, strict=False):
        row[int(label) % classes] -= 1
    return gradient / n


def softmax_cross_entropy_gradient__takes_too_few_labels(logits, labels):
    """When there are fewer labels than rows, some rows get no label with you, without a word. The docstring asks for an error."""
    return _softmax_cross_entropy_gradient_forgetful(logits, labels, "few")


def softmax_cross_entropy_gradient__takes_too_many_labels(logits, labels):
    """Labels that have no row are left out without a word. If their number is another one, something is wrong: raise a ValueError."""
    return _softmax_cross_entropy_gradient_forgetful(logits, labels, "many")


def softmax_cross_entropy_gradient__one_label_for_all_rows(logits, labels):
    """A single label is stretched to all rows, and NumPy does not complain. Compare the two lengths before you compute."""
    _cross_entropy_labels(labels, *logits.shape, ["few"])
    many = np.broadcast_to(labels, len(logits))
    return _softmax_cross_entropy_gradient_from(_softmax_cross_entropy_gradient_shares(logits), many)


def softmax_cross_entropy_gradient__takes_negative_classes(logits, labels):
    """A class of -1 slips through: NumPy counts it from the end, so the last class is taken. There is no such class: refuse it."""
    return _softmax_cross_entropy_gradient_forgetful(logits, labels, "negative")


def softmax_cross_entropy_gradient__begins_again_at_zero(logits, labels):
    """A class number that is too large starts again at 0 with you. There is no such class: the docstring asks for an error."""
    return _softmax_cross_entropy_gradient_forgetful(logits, labels, "large")


def softmax_cross_entropy_gradient__a_row_without_a_label(logits, labels):
    """A class that does not exist leaves your one-hot row empty, and nobody notices. The docstring asks for an error."""
    n, classes = logits.shape
    _cross_entropy_labels(labels, n, classes, ["large"])
    return (_softmax_cross_entropy_gradient_shares(logits) - (labels[:, None] == np.arange(classes))) / n


def _conv2d_gradients_checked(x, weights, upstream, forgets=()):
    (h, w, c), (kh, kw, channels, filters) = x.shape, weights.shape
    if ("tall" not in forgets and kh > h) or ("wide" not in forgets and kw > w):
        raise ValueError("the kernel is larger than x")
    if "channels" not in forgets and c != channels:
        raise ValueError("another number of channels")
    rows, cols = h - kh + 1, w - kw + 1
    for name, due, got in zip(("rows", "cols", "filters"), (rows, cols, filters), upstream.shape, strict=True):
        if name not in forgets and got != due:
            raise ValueError(f"another number of {name}")
    return max(rows, 0), max(cols, 0)


def _conv2d_gradients_three(x, weights, upstream):
    rows, cols = _conv2d_gradients_checked(x, weights, upstream)
    dx, dweights = np.zeros(x.shape), np.zeros(weights.shape)
    for u, v in np.ndindex(weights.shape[:2]):
        part = x[u : u + rows, v : v + cols]
        dweights[u, v] = np.einsum("ijc,ijf->cf", part, upstream)
        dx[u : u + rows, v : v + cols] += upstream @ weights[u, v].T
    return dx, dweights, upstream.sum(axis=(0, 1))


def conv2d_gradients__kernel_not_flipped_on_the_way_back(x, weights, upstream):
    """Your gradient to x has the kernel turned the wrong way. If you add into windows of x, it stays as it is; if you look at upstream from a pixel, the indices run against each other."""
    dx, _, _ = _conv2d_gradients_three(x, weights[::-1, ::-1], upstream)
    return dx, *_conv2d_gradients_three(x, weights, upstream)[1:]


def conv2d_gradients__flips_the_weights_gradient(x, weights, upstream):
    """Your gradient to the weights is turned by half a turn. Weight (u, v) met the pixel u rows below and v columns right of the output's place."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx, dweights[::-1, ::-1], dbias


def conv2d_gradients__starts_in_the_wrong_corner(x, weights, upstream):
    """Your gradient to x begins a place too late: output (0, 0) saw the pixels from (0, 0) on, not those that end there."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    moved, (down, right) = np.zeros(dx.shape), (size - 1 for size in weights.shape[:2])
    moved[down:, right:] = dx[: dx.shape[0] - down, : dx.shape[1] - right]
    return moved, dweights, dbias


def conv2d_gradients__zeros_on_one_side_only(x, weights, upstream):
    """Your gradient to x begins a place too early: the zeros around upstream stand on one side only. The first pixel needs them before, the last one after."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    moved, (down, right) = np.zeros(dx.shape), (size - 1 for size in weights.shape[:2])
    moved[: dx.shape[0] - down, : dx.shape[1] - right] = dx[down:, right:]
    return moved, dweights, dbias


def conv2d_gradients__keeps_the_last_output_only(x, weights, upstream):
    """In x you overwrite what an earlier window has brought. A pixel that lies in several windows gets something from each: add it up."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    for i, j in np.ndindex(upstream.shape[:2]):
        dx[i : i + weights.shape[0], j : j + weights.shape[1]] = weights @ upstream[i, j]
    return dx, dweights, dbias


def conv2d_gradients__weights_keep_the_last_output_only(x, weights, upstream):
    """In the weights you overwrite what an earlier place has brought. A weight is used at every place: add it all up."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    last = x[-weights.shape[0] :, -weights.shape[1] :, :, np.newaxis]
    return dx, np.broadcast_to(last * upstream[-1, -1], dweights.shape), dbias


def conv2d_gradients__bias_as_a_mean(x, weights, upstream):
    """You took the mean for the bias. It is added at each place, so what comes from the places is added up."""
    dx, dweights, _ = _conv2d_gradients_three(x, weights, upstream)
    return dx, dweights, upstream.mean(axis=(0, 1))


def conv2d_gradients__weights_as_a_mean(x, weights, upstream):
    """You divided the weights' gradient by the number of places. What comes from the places is added up, not averaged."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx, dweights / (upstream.shape[0] * upstream.shape[1]), dbias


def conv2d_gradients__everything_as_a_mean(x, weights, upstream):
    """You divided all three by the number of places. What meets in one pixel, weight or bias is added up, not averaged."""
    places = upstream.shape[0] * upstream.shape[1]
    return tuple(gradient / places for gradient in _conv2d_gradients_three(x, weights, upstream))


def conv2d_gradients__one_bias_for_all_filters(x, weights, upstream):
    """You added all of upstream up into one number. Each filter has a bias of its own, so sum over the places only."""
    dx, dweights, _ = _conv2d_gradients_three(x, weights, upstream)
    return dx, dweights, upstream.sum()


def conv2d_gradients__bias_of_each_place(x, weights, upstream):
    """For the bias you handed upstream on as it is. A filter has one bias for all places: add up what comes from them."""
    dx, dweights, _ = _conv2d_gradients_three(x, weights, upstream)
    return dx, dweights, upstream


def conv2d_gradients__ones_for_the_bias(x, weights, upstream):
    """For the bias you counted the places. When the bias grows by 1, so does each output; and that is worth as much as upstream says there."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx, dweights, np.full(dbias.shape, float(upstream.shape[0] * upstream.shape[1]))


def conv2d_gradients__first_filter_only(x, weights, upstream):
    """Your x hears from the first filter only. Each pixel reached every filter's map, so their shares are added up."""
    _, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return _conv2d_gradients_three(x, weights[..., :1], upstream[..., :1])[0], dweights, dbias


def conv2d_gradients__last_filter_only(x, weights, upstream):
    """Your x hears from the last filter only: each filter overwrites what the one before has brought. Add it up."""
    _, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return _conv2d_gradients_three(x, weights[..., -1:], upstream[..., -1:])[0], dweights, dbias


def conv2d_gradients__filters_not_summed(x, weights, upstream):
    """Your gradient to x has an axis of filters. A pixel reached all of them; what they send back is added up, so x's own shape is left."""
    _, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    filters = range(weights.shape[3])
    parts = [_conv2d_gradients_three(x, weights[..., [f]], upstream[..., [f]])[0] for f in filters]
    return np.stack(parts, axis=-1), dweights, dbias


def conv2d_gradients__mixes_the_channels_of_x(x, weights, upstream):
    """All channels of your x get the same: you added the weights of the channels up. Each channel has weights of its own."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return np.broadcast_to(dx.sum(axis=2, keepdims=True), dx.shape), dweights, dbias


def conv2d_gradients__mixes_the_channels_of_the_weights(x, weights, upstream):
    """Your weights got the sum over all channels of x. A weight belongs to one channel, and met the pixels of this one only."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx, np.broadcast_to(dweights.sum(axis=2, keepdims=True), dweights.shape), dbias


def conv2d_gradients__mixes_the_filters(x, weights, upstream):
    """Your weights got the sum over all filters. A weight belongs to one filter, and hears from this filter's map only."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx, np.broadcast_to(dweights.sum(axis=3, keepdims=True), dweights.shape), dbias


def conv2d_gradients__rows_and_columns_of_the_weights(x, weights, upstream):
    """Rows and columns of your weights' gradient are swapped. The first axis goes down, the second to the right."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx, dweights.transpose(1, 0, 2, 3), dbias


def conv2d_gradients__rows_and_columns_of_the_kernel(x, weights, upstream):
    """For x you laid the kernel on its side. Its first axis goes down, the second to the right."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    on_its_side = weights.transpose(1, 0, 2, 3)
    if weights.shape[0] == weights.shape[1]:
        dx = _conv2d_gradients_three(x, on_its_side, upstream)[0]
    return dx, dweights if weights.shape[0] == weights.shape[1] else on_its_side, dbias


def conv2d_gradients__pixels_for_pixels(x, weights, upstream):
    """For x you multiplied by the pixel. When the pixel grows by 1, the output grows by the weight beside it."""
    _, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    counts = _conv2d_gradients_three(x, np.ones(weights.shape), upstream)[0]
    return x * counts, dweights, dbias


def conv2d_gradients__weights_for_weights(x, weights, upstream):
    """For the weights you multiplied by the weight. When the weight grows by 1, the output grows by the pixel beside it."""
    dx, _, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx, weights * dbias, dbias


def conv2d_gradients__hands_upstream_on(x, weights, upstream):
    """For x you spread upstream over each window, without the weights. A pixel beside a large weight moves the output more."""
    _, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return _conv2d_gradients_three(x, np.ones(weights.shape), upstream)[0], dweights, dbias


def conv2d_gradients__forgets_upstream(x, weights, upstream):
    """You treat all outputs alike, as if upstream were 1 everywhere. Each share is multiplied by upstream of its own output."""
    _conv2d_gradients_checked(x, weights, upstream)
    return _conv2d_gradients_three(x, weights, np.ones(upstream.shape))


def conv2d_gradients__takes_a_step(x, weights, upstream):
    """You have taken a step already: weights minus gradient. The gradients themselves are asked for; what is done with them comes later."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx, weights - dweights, dbias


def conv2d_gradients__weights_first(x, weights, upstream):
    """The numbers are right, in another order. First comes the gradient to x, then those to the weights and to the bias."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dweights, dx, dbias


def conv2d_gradients__x_last(x, weights, upstream):
    """The numbers are right, but the gradient to x comes last. It comes first, then those to the weights and to the bias."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dweights, dbias, dx


def conv2d_gradients__forgets_the_bias(x, weights, upstream):
    """Two of three are there. The bias has a gradient, too, although the function does not get it: a number for each filter."""
    return _conv2d_gradients_three(x, weights, upstream)[:2]


def conv2d_gradients__x_only(x, weights, upstream):
    """That is the gradient to x, and it is right. Three are asked for: those to the weights and to the bias as well."""
    return _conv2d_gradients_three(x, weights, upstream)[0]


def conv2d_gradients__cuts_to_whole_numbers(x, weights, upstream):
    """Fractions are cut off: your array for x's gradient has x's type, and x holds whole numbers. A gradient needs floats."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    return dx if x.dtype.kind == "f" else dx.astype(int).astype(x.dtype), dweights, dbias


def conv2d_gradients__multiplies_in_bytes(x, weights, upstream):
    """You gave upstream the type of x. In uint8 no product is above 255, and none below 0: turn x into floats instead."""
    dx, dweights, dbias = _conv2d_gradients_three(x, weights, upstream)
    if x.dtype == np.uint8:
        dweights = _conv2d_gradients_three(x, weights, upstream.astype(int).astype(np.uint8))[1] % 256
    return dx, dweights, dbias


def conv2d_gradients__whole_numbers(x, weights, upstream):
    """You return whole numbers: the fractions are cut off. Gradients are floats."""
    return tuple(gradient.astype(int) for gradient in _conv2d_gradients_three(x, weights, upstream))


def conv2d_gradients__adds_floats_to_whole_numbers(x, weights, upstream):
    """zeros_like(x) has x's type: where x holds whole numbers, NumPy refuses to add fractions to it. Make it an array of floats."""
    _conv2d_gradients_checked(x, weights, upstream)
    dx = np.zeros_like(x)
    for i, j in np.ndindex(upstream.shape[:2]):
        dx[i : i + weights.shape[0], j : j + weights.shape[1]] += weights @ upstream[i, j]
    return dx, *_conv2d_gradients_three(x, weights, upstream)[1:]


def _conv2d_gradients_forgetful(x, weights, upstream, *forgets):
    """Without some of the checks: indices that do not fit are cut to what is there, an axis of length 1 is stretched."""
    rows, cols = _conv2d_gradients_checked(x, weights, upstream, forgets)
    channels, filters = max(x.shape[2], weights.shape[2]), weights.shape[3]
    dx, dweights = np.zeros((*x.shape[:2], channels)), np.zeros((*weights.shape[:2], channels, filters))
    wide = np.broadcast_to(x, (*x.shape[:2], channels))
    kernel = np.broadcast_to(weights, dweights.shape)
    rows, cols = (min(due, got) if got > 1 else due for due, got in zip((rows, cols), upstream.shape[:2], strict=True))
    used = min(filters, upstream.shape[2]) if upstream.shape[2] > 1 else filters
    pull = upstream[:rows, :cols, :used]
    pull = np.broadcast_to(pull, (rows, cols, used)) if 0 not in pull.shape else np.zeros((rows, cols, used))
    for u, v in np.ndindex(weights.shape[:2]):
        part = wide[u : u + rows, v : v + cols]
        if part.shape[:2] == (rows, cols) and part.size:
            dweights[u, v, :, :used] = np.einsum("ijc,ijf->cf", part, pull)
            dx[u : u + rows, v : v + cols] += pull @ kernel[u, v, :, :used].T
    return dx, dweights, pull.sum(axis=(0, 1))


def conv2d_gradients__takes_a_kernel_that_is_too_wide(x, weights, upstream):
    """You ask only whether the kernel is too tall. It may be too wide, too: then there is no output that could send anything back."""
    return _conv2d_gradients_forgetful(x, weights, upstream, "wide", "cols")


def conv2d_gradients__takes_a_kernel_that_does_not_fit(x, weights, upstream):
    """It is right as long as the kernel fits. One that is larger than x has no place at all, and an empty upstream hides it: refuse it."""
    _conv2d_gradients_checked(x, weights, upstream, ["tall", "wide", "rows", "cols"])
    if weights.shape[0] > x.shape[0] or weights.shape[1] > x.shape[1]:
        return np.zeros(x.shape), np.zeros(weights.shape), np.zeros(weights.shape[3])
    return _conv2d_gradients_three(x, weights, upstream)


def conv2d_gradients__stretches_one_channel(x, weights, upstream):
    """An array with one channel is stretched to the channels of the other, and NumPy does not complain. Compare the two numbers first."""
    _conv2d_gradients_checked(x, weights, upstream, ["channels"])
    if x.shape[2] != weights.shape[2] and 1 not in (x.shape[2], weights.shape[2]):
        raise ValueError("channels")
    return _conv2d_gradients_forgetful(x, weights, upstream, "channels")


def conv2d_gradients__leaves_channels_out(x, weights, upstream):
    """You go through the channels of x, and those of the weights may be more, or fewer. Two different numbers of channels are an error."""
    _conv2d_gradients_checked(x, weights, upstream, ["channels"])
    both = min(x.shape[2], weights.shape[2])
    dx, dweights, dbias = _conv2d_gradients_three(x[:, :, :both], weights[:, :, :both], upstream)
    whole_x, whole = np.zeros(x.shape), np.zeros(weights.shape)
    whole_x[:, :, :both], whole[:, :, :both] = dx, dweights
    return whole_x, whole, dbias


def conv2d_gradients__takes_any_upstream(x, weights, upstream):
    """An upstream of another shape is cut or stretched until it fits, without a word. It has to have exactly the shape of the output."""
    return _conv2d_gradients_forgetful(x, weights, upstream, "rows", "cols", "filters")


def conv2d_gradients__counts_the_filters_only(x, weights, upstream):
    """You compare upstream's filters, but not its rows and columns. All three numbers have to be those of the output."""
    rows, cols = upstream.shape[:2]
    x_there = x[: rows + weights.shape[0] - 1, : cols + weights.shape[1] - 1]
    _conv2d_gradients_checked(x, weights, upstream, ["rows", "cols"])
    fitting = upstream[: x.shape[0] - weights.shape[0] + 1, : x.shape[1] - weights.shape[1] + 1]
    dx, dweights, dbias = _conv2d_gradients_three(x_there, weights, fitting)
    whole = np.zeros(x.shape)
    whole[: dx.shape[0], : dx.shape[1]] = dx
    return whole, dweights, dbias


def conv2d_gradients__compares_rows_and_columns_only(x, weights, upstream):
    """You compare upstream's rows and columns, but not its filters. All three numbers have to be those of the output."""
    return _conv2d_gradients_forgetful(x, weights, upstream, "filters")


def _train_step_pull(shares, labels):
    return (shares - (labels[:, None] == np.arange(shares.shape[1]))) / len(labels)


def _train_step_loss(shares, labels):
    return -np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-7)).mean()


def _train_step_gradients(
    weights, images, labels, *, relu=lambda maps: np.maximum(maps, 0), mask=lambda maps, _: maps > 0, order=(0, 1, 2, 3),
    softmax=_softmax_cross_entropy_gradient_shares, pull=_train_step_pull, loss=_train_step_loss, way_back=None, bias_of=lambda bias: bias,
    size_of=lambda kernel: kernel.shape[:2],
):  # fmt: skip
    """The four gradients and the loss, with as many mistakes as the arguments make."""
    kernel, bias, dense, dense_bias = weights
    windows = np.lib.stride_tricks.sliding_window_view(images, size_of(kernel), axis=(1, 2))
    maps = np.einsum("nijcuv,uvcf->nijf", windows, kernel) + bias_of(bias)
    row = relu(maps).transpose(order)
    flat = row.reshape(len(images), -1)
    shares = softmax(flat @ dense + bias_of(dense_bias))
    from_above = pull(shares, labels)
    back = (from_above @ (dense if way_back is None else way_back).T).reshape(row.shape)
    back = back.transpose(np.argsort(order))
    back = back * mask(maps, back)
    gradients = [
        np.einsum("nijcuv,nijf->uvcf", windows, back),
        back.sum(axis=(0, 1, 2)),
        flat.T @ from_above,
        from_above.sum(axis=0),
    ]
    return gradients, loss(shares, labels)


def _train_step(weights, images, labels, learning_rate, *, forgets=(), **mistakes):
    _cross_entropy_labels(labels, len(images), weights[3].size, forgets)
    gradients, loss = _train_step_gradients(weights, images, labels, **mistakes)
    return [weight - learning_rate * gradient for weight, gradient in zip(weights, gradients, strict=True)], loss


def train_step__uphill(weights, images, labels, learning_rate):
    """You added the gradients. They point to where the loss grows; a step of descent goes the other way."""
    return _train_step(weights, images, labels, -learning_rate)


def train_step__sum_over_the_batch(weights, images, labels, learning_rate):
    """Your gradients are those of the sum of all losses, and so the step is n times too long. The loss is the mean over the pictures."""
    new, loss = _train_step(weights, images, labels, learning_rate * len(images))
    return new, loss


def train_step__loss_as_a_sum(weights, images, labels, learning_rate):
    """Your weights are right, and the loss is the sum over the batch. The mean over the pictures is asked for."""
    new, loss = _train_step(weights, images, labels, learning_rate)
    return new, loss * len(labels)


def train_step__divides_twice(weights, images, labels, learning_rate):
    """Your step is n times too short: you divided by the number of pictures twice. Is the mean contained already in what comes from the logits?"""
    return _train_step(weights, images, labels, learning_rate / len(images))


def train_step__loss_after_the_step(weights, images, labels, learning_rate):
    """Your weights are right, and the loss is that of the new ones. The loss before the step is asked for."""
    new, _ = _train_step(weights, images, labels, learning_rate)
    return new, _train_step(new, images, labels, 0)[1]


def train_step__loss_of_the_guess(weights, images, labels, learning_rate):
    """Your weights are right, and the loss is that of the largest probability. The probability of the right class counts."""
    return _train_step(
        weights, images, labels, learning_rate, loss=lambda shares, _: -np.log(shares.max(axis=1)).mean()
    )


def train_step__square_windows(weights, images, labels, learning_rate):
    """You take the kernel's height for its width as well. A kernel has two sizes, and they may differ."""
    return _train_step(weights, images, labels, learning_rate, size_of=lambda kernel: (len(kernel), len(kernel)))


def train_step__windows_on_their_side(weights, images, labels, learning_rate):
    """Your windows are as high as the kernel is wide. The first axis of a kernel is its height."""
    return _train_step(weights, images, labels, learning_rate, size_of=lambda kernel: kernel.shape[1::-1])


def train_step__accuracy(weights, images, labels, learning_rate):
    """Your weights are right. In place of the loss you return the share of right answers: the mean cross-entropy is asked for."""
    return _train_step(
        weights, images, labels, learning_rate, loss=lambda shares, labels: np.mean(shares.argmax(axis=1) == labels)
    )


def train_step__relu_hands_on_at_zero(weights, images, labels, learning_rate):
    """Your ReLU hands the gradient on where its input is exactly 0. There it counts as 0, in Keras as well: only above 0 something comes through."""
    return _train_step(weights, images, labels, learning_rate, mask=lambda maps, _: maps >= 0)


def train_step__no_relu_on_the_way_back(weights, images, labels, learning_rate):
    """On the way back you go past the ReLU. Where its input was 0 or less, nothing is handed on to the convolution."""
    return _train_step(weights, images, labels, learning_rate, mask=lambda maps, _: 1)


def train_step__no_relu_on_the_way_there(weights, images, labels, learning_rate):
    """On the way there is no ReLU in your network: negative sums went on into the dense layer. The convolution ends in one."""
    return _train_step(weights, images, labels, learning_rate, relu=lambda maps: maps)


def train_step__no_relu_at_all(weights, images, labels, learning_rate):
    """There is no ReLU in your network, neither on the way there nor on the way back. The convolution ends in one."""
    return _train_step(weights, images, labels, learning_rate, relu=lambda maps: maps, mask=lambda maps, _: 1)


def train_step__relu_of_upstream(weights, images, labels, learning_rate):
    """On the way back your ReLU looks at upstream's own sign. What went in on the way there decides; negative gradients are as good as others."""
    return _train_step(weights, images, labels, learning_rate, mask=lambda _, back: back > 0)


def train_step__relu_on_the_logits(weights, images, labels, learning_rate):
    """You put a ReLU on the logits as well. The last layer has none: negative logits stay negative, and the softmax can deal with them."""
    return _train_step(
        weights,
        images,
        labels,
        learning_rate,
        softmax=lambda logits: _softmax_cross_entropy_gradient_shares(np.maximum(logits, 0)),
    )


def train_step__new_dense_weights_on_the_way_back(weights, images, labels, learning_rate):
    """You changed the dense weights first and then went back through the new ones. All gradients belong to the weights before the step."""
    (_, _, dense, _), _ = _train_step(weights, images, labels, learning_rate)
    return _train_step(weights, images, labels, learning_rate, way_back=dense)


def train_step__biases_stay(weights, images, labels, learning_rate):
    """Kernel and dense weights have moved, the biases have not. They learn as well: each gets the sum of what comes to its outputs."""
    (kernel, _, dense, _), loss = _train_step(weights, images, labels, learning_rate)
    return [kernel, weights[1], dense, weights[3]], loss


def train_step__kernel_bias_stays(weights, images, labels, learning_rate):
    """The convolution's bias has not moved. It learns as well: each filter's gets the sum over all places and pictures."""
    (kernel, _, dense, dense_bias), loss = _train_step(weights, images, labels, learning_rate)
    return [kernel, weights[1], dense, dense_bias], loss


def train_step__dense_bias_stays(weights, images, labels, learning_rate):
    """The dense layer's bias has not moved. It learns as well: each class gets the sum over all pictures."""
    (kernel, bias, dense, _), loss = _train_step(weights, images, labels, learning_rate)
    return [kernel, bias, dense, weights[3]], loss


def train_step__last_layer_only(weights, images, labels, learning_rate):
    """The dense layer has learned, the convolution has not. The error has to go on, back through flatten and ReLU, to kernel and bias."""
    (_, _, dense, dense_bias), loss = _train_step(weights, images, labels, learning_rate)
    return [*weights[:2], dense, dense_bias], loss


def train_step__forgets_the_biases(weights, images, labels, learning_rate):
    """On the way there you added no biases, so logits and loss are those of another network. Both layers have one."""
    return _train_step(weights, images, labels, learning_rate, bias_of=lambda _: 0)


def train_step__divides_by_255(weights, images, labels, learning_rate):
    """You divided the images by 255. They are to be taken as they are: whoever calls it has done that already."""
    return _train_step(weights, images / 255, labels, learning_rate)


def train_step__flattens_channels_first(weights, images, labels, learning_rate):
    """You flatten one channel after the other, so the dense weights meet the wrong numbers. NumPy's own order, channels last, is Keras' as well."""
    return _train_step(weights, images, labels, learning_rate, order=(0, 3, 1, 2))


def train_step__flattens_column_by_column(weights, images, labels, learning_rate):
    """You flatten column by column, so the dense weights meet the wrong numbers. NumPy's own order, row by row, is Keras' as well."""
    return _train_step(weights, images, labels, learning_rate, order=(0, 2, 1, 3))


def train_step__flips_the_kernel(weights, images, labels, learning_rate):
    """You flipped the kernel on the way there, as mathematicians do. Keras lays it on as it is (lesson 1)."""
    kernel, *others = weights
    (new, *rest), loss = _train_step([kernel[::-1, ::-1], *others], images, labels, learning_rate)
    return [new[::-1, ::-1], *rest], loss


def train_step__flips_the_kernels_gradient(weights, images, labels, learning_rate):
    """All is right but the kernel: its gradient is turned by half a turn. A weight's gradient needs no flip, only that to a picture does."""
    (kernel, *others), loss = _train_step(weights, images, labels, learning_rate)
    return [weights[0] - (weights[0] - kernel)[::-1, ::-1], *others], loss


def train_step__mean_over_the_places(weights, images, labels, learning_rate):
    """Kernel and bias of the convolution have moved too little: you averaged over the places of the map. What comes from them is added up."""
    (kernel, bias, *others), loss = _train_step(weights, images, labels, learning_rate)
    rows, cols = (n - k + 1 for n, k in zip(images.shape[1:3], kernel.shape[:2], strict=True))
    old, old_bias = weights[:2]
    return [old + (kernel - old) / (rows * cols), old_bias + (bias - old_bias) / (rows * cols), *others], loss


def train_step__softmax_slope_twice(weights, images, labels, learning_rate):
    """You went back through the softmax twice: p - y is the gradient to the logits already."""

    def twice(shares, labels):
        pull = _train_step_pull(shares, labels)
        return shares * (pull - (shares * pull).sum(axis=1, keepdims=True))

    return _train_step(weights, images, labels, learning_rate, pull=twice)


def train_step__stops_at_the_probabilities(weights, images, labels, learning_rate):
    """You forgot to go back through the softmax: -1 / p is the gradient to the probabilities, not to the logits."""

    def too_early(shares, labels):
        return (labels[:, None] == np.arange(shares.shape[1])) / (-shares * len(labels))

    return _train_step(weights, images, labels, learning_rate, pull=too_early)


def train_step__labels_forgotten(weights, images, labels, learning_rate):
    """What you send back from the softmax are the probabilities themselves; the labels do not come in. It is p - y that goes back."""
    return _train_step(weights, images, labels, learning_rate, pull=lambda shares, labels: shares / len(labels))


def train_step__softmax_over_the_batch(weights, images, labels, learning_rate):
    """Your softmax runs over the pictures: each column sums to 1. Each picture shares out 1 among its classes."""
    return _train_step(
        weights, images, labels, learning_rate, softmax=lambda logits: _softmax_cross_entropy_gradient_shares(logits, 0)
    )


def train_step__a_step_for_each_picture(weights, images, labels, learning_rate):
    """You took a step after each picture. One step for the whole batch is asked for: all gradients belong to the same weights."""
    _cross_entropy_labels(labels, len(images), weights[3].size)
    losses = []
    for place in range(len(images)):
        weights, loss = _train_step(weights, images[[place]], labels[[place]], learning_rate)
        losses.append(loss)
    return weights, np.mean(losses)


def train_step__last_picture_only(weights, images, labels, learning_rate):
    """Only the last picture has a say in your step: each one overwrites the gradients of the one before. Add them up."""
    _, loss = _train_step(weights, images, labels, learning_rate)
    return _train_step(weights, images[-1:], labels[-1:], learning_rate / len(images))[0], loss


def train_step__first_picture_only(weights, images, labels, learning_rate):
    """You used the first picture only. The loss is the mean over all of them, and so is the step."""
    _cross_entropy_labels(labels, len(images), weights[3].size)
    return _train_step(weights, images[:1], labels[:1], learning_rate)


def train_step__forgets_the_rate(weights, images, labels, learning_rate):
    """You took away the whole gradient. The learning rate says how much of it makes the step."""
    return _train_step(weights, images, labels, 1)


def train_step__divides_by_the_rate(weights, images, labels, learning_rate):
    """You divided the gradient by the learning rate. A small rate means a small step: multiply."""
    return _train_step(weights, images, labels, 1 / learning_rate)


def train_step__returns_the_gradients(weights, images, labels, learning_rate):
    """These are the gradients. One thing is left to do: each array goes a step against its own."""
    new, loss = _train_step(weights, images, labels, 1)
    return [weight - changed for weight, changed in zip(weights, new, strict=True)], loss


def train_step__returns_the_steps(weights, images, labels, learning_rate):
    """These are the steps, rate times gradient. They have yet to be subtracted from the weights."""
    new, loss = _train_step(weights, images, labels, learning_rate)
    return [weight - changed for weight, changed in zip(weights, new, strict=True)], loss


def train_step__loss_first(weights, images, labels, learning_rate):
    """All is right, in another order: first the new weights, then the loss."""
    return _train_step(weights, images, labels, learning_rate)[::-1]


def train_step__one_list(weights, images, labels, learning_rate):
    """Your four arrays and the loss stand in one list. A pair is asked for: all four arrays together, and the loss."""
    new, loss = _train_step(weights, images, labels, learning_rate)
    return [*new, loss]


def train_step__weights_only(weights, images, labels, learning_rate):
    """The new weights are right. The loss before the step belongs to the answer, too: a pair is asked for."""
    return _train_step(weights, images, labels, learning_rate)[0]


def train_step__loss_only(weights, images, labels, learning_rate):
    """That is the loss. The new weights belong to the answer, too: a pair is asked for, weights first."""
    return _train_step(weights, images, labels, learning_rate)[1]


def train_step__kernels_before_biases(weights, images, labels, learning_rate):
    """Both kernels come first with you, then both biases. The order is that of get_weights(): layer by layer, each with its bias."""
    (kernel, bias, dense, dense_bias), loss = _train_step(weights, images, labels, learning_rate)
    return [kernel, dense, bias, dense_bias], loss


def train_step__layers_from_the_end(weights, images, labels, learning_rate):
    """Your arrays come in the order of the way back. The order is that of get_weights(): the convolution's first."""
    (kernel, bias, dense, dense_bias), loss = _train_step(weights, images, labels, learning_rate)
    return [dense, dense_bias, kernel, bias], loss


def train_step__changes_the_given_weights(weights, images, labels, learning_rate):
    """The numbers are right, but -= changed the caller's own arrays. Make new ones: weight - ... instead."""
    new, loss = _train_step(weights, images, labels, learning_rate)
    for weight, changed in zip(weights, new, strict=True):
        weight[...] = changed
    return weights, loss


def train_step__one_hot_in_bytes(weights, images, labels, learning_rate):
    """Your one-hot array has the labels' type. In uint8 minus one is 255: subtract it from the probabilities, or use floats."""

    def in_bytes(shares, labels):
        return (-(labels[:, None] == np.arange(shares.shape[1])).astype(labels.dtype) + shares) / len(labels)

    return _train_step(weights, images, labels, learning_rate, pull=in_bytes)


def _train_step_pairs(shares, labels):
    pairs = list(zip(range(len(shares)), labels, strict=False))
    pull = shares.copy()
    for row, label in pairs:
        pull[row, label % shares.shape[1]] -= 1
    return pull / len(shares), [shares[row, label % shares.shape[1]] for row, label in pairs]


def _train_step_forgetful(weights, images, labels, learning_rate, *forgets):
    return _train_step(
        weights, images, labels, learning_rate, forgets=forgets,
        pull=lambda shares, labels: _train_step_pairs(shares, labels)[0],
        loss=lambda shares, labels: -np.log(np.maximum(_train_step_pairs(shares, labels)[1], 1e-7)).mean(),
    )  # fmt: skip


def train_step__takes_too_few_labels(weights, images, labels, learning_rate):
    """When there are fewer labels than images you go only as far as they reach, without a word. The docstring asks for an error."""
    return _train_step_forgetful(weights, images, labels, learning_rate, "few")


def train_step__takes_too_many_labels(weights, images, labels, learning_rate):
    """Labels that have no image are left out without a word. If their number is another one, something is wrong: raise a ValueError."""
    return _train_step_forgetful(weights, images, labels, learning_rate, "many")


def train_step__one_label_for_all_images(weights, images, labels, learning_rate):
    """A single label is stretched to all images, and NumPy does not complain. Compare the two numbers before you compute."""
    _cross_entropy_labels(labels, len(images), weights[3].size, ["few"])
    return _train_step(weights, images, np.resize(labels, len(images)), learning_rate)


def train_step__takes_negative_classes(weights, images, labels, learning_rate):
    """A class of -1 slips through: NumPy counts it from the end, so the last class is taken. There is no such class: refuse it."""
    return _train_step_forgetful(weights, images, labels, learning_rate, "negative")


def train_step__begins_again_at_zero(weights, images, labels, learning_rate):
    """A class number that is too large starts again at 0 with you. There is no such class: the docstring asks for an error."""
    return _train_step_forgetful(weights, images, labels, learning_rate, "large")


def train_step__a_row_without_a_label(weights, images, labels, learning_rate):
    """A class that does not exist leaves your one-hot row empty, and nobody notices. The docstring asks for an error."""

    def some(shares, labels):
        right = labels[:, None] == np.arange(shares.shape[1])
        return -(right * np.log(np.maximum(shares, 1e-7))).sum() / len(labels)

    return _train_step(weights, images, labels, learning_rate, forgets=["large"], loss=some)


def train_step__lets_numpy_complain(weights, images, labels, learning_rate):
    """A class number that is too large ends in NumPy's IndexError. Look at the labels first, and raise a ValueError."""
    return _train_step(weights, images, labels, learning_rate, forgets=["large"])
