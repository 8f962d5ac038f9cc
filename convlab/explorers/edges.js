// Lesson 2: zeros around a picture, what they do to a mean, and how many windows contain each pixel.

/** Zeros before and after along one axis, at stride 1. */
export function zeros(kernel, padding) {
  const total = padding === "same" ? kernel - 1 : 0;
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

export function padded(image, before, after) {
  const width = before + image[0].length + after;
  const empty = (count) => Array.from({ length: count }, () => Array(width).fill(0));
  return [...empty(before), ...image.map((line) => [...Array(before).fill(0), ...line, ...Array(after).fill(0)]), ...empty(after)];
}

/** The mean of each window of kernel × kernel. */
export function means(image, kernel, padding) {
  const weights = Array.from({ length: kernel }, () => Array(kernel).fill(1));
  return correlate(padded(image, ...zeros(kernel, padding)), weights).map((line) => line.map((sum) => sum / kernel ** 2));
}

/** The number of windows that contain each pixel of n × n. */
export function visits(n, kernel, padding) {
  const [before, after] = zeros(kernel, padding);
  const places = before + n + after - kernel + 1;
  const along = Array.from({ length: n }, (_, pixel) => Math.min(pixel + before, places - 1) - Math.max(pixel + before - kernel + 1, 0) + 1);
  return along.map((rows) => along.map((columns) => rows * columns));
}

function short(value) {
  return plain(Math.round(value * 100) / 100);
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "What happens at the edge?",
    "Arrow keys in the picture or in the output move the window, <kbd>Home</kbd> and <kbd>End</kbd> go to the ends of a row. So does the mouse. Underlined counts belong to pixels under the window.",
  );
  const places = () => means(model.get("image"), model.get("kernel"), model.get("padding")).length;
  const move = (row, column) => change(model, { row: clamp(row, 0, places() - 1), column: clamp(column, 0, places() - 1) });
  const step = (down, right) => move(model.get("row") + down, model.get("column") + right);
  const kept = () => move(model.get("row"), model.get("column"));

  const padding = choice(controls, "padding", [["same", "same"], ["valid", "valid"]], (value) => {
    change(model, { padding: value });
    kept();
  });
  const size = whole(controls, "window", 1, 5, (kernel) => {
    change(model, { kernel });
    kept();
  });

  const input = new Grid("input", "picture with its zeros, and the window", { onStep: step, onPick: move });
  const output = new Grid("output", "output: the mean of each window", { onStep: step, onPick: move });
  const counts = new Grid("input", "how many windows see each pixel");
  const picture = panel(panels, "picture", input.table);
  panel(panels, "output: mean of each window", output.table);
  panel(panels, "how many windows see each pixel", counts.table);

  const draw = () => {
    const [image, kernel, how] = ["image", "kernel", "padding"].map((name) => model.get(name));
    const n = image.length;
    const [before, after] = zeros(kernel, how);
    const whole = padded(image, before, after);
    const result = means(image, kernel, how);
    const [row, column] = [clamp(model.get("row"), 0, result.length - 1), clamp(model.get("column"), 0, result.length - 1)];
    padding.value = how;
    put(size, kernel);
    picture.heading.textContent = before + after ? "picture, and zeros around it" : "picture";

    const real = (i, j) => i >= before && i < before + n && j >= before && j < before + n;
    const inside = (i, j) => i >= row && i < row + kernel && j >= column && j < column + kernel;
    input.draw(
      whole.length,
      whole.length,
      (i, j) => ({
        text: plain(whole[i][j]),
        classes: [...(real(i, j) ? [] : ["zero"]), ...(inside(i, j) ? ["in-window"] : []), ...framed(i, j, row, column, kernel, kernel)],
        label: real(i, j) ? "" : "0, added",
      }),
      [row, column],
    );
    output.draw(
      result.length,
      result.length,
      (i, j) => ({ text: short(result[i][j]), classes: i === row && j === column ? ["here"] : [] }),
      [row, column],
    );
    const seen = visits(n, kernel, how);
    const most = Math.max(...seen.flat());
    counts.draw(n, n, (i, j) => ({ text: plain(seen[i][j]), classes: [`shade-${Math.ceil((4 * seen[i][j]) / most)}`, ...(inside(i + before, j + before) ? ["marked"] : [])] }));

    const covered = whole.flatMap((line, i) => line.filter((_, j) => inside(i, j)));
    const pixels = whole.flatMap((line, i) => line.filter((_, j) => inside(i, j) && real(i, j))).length;
    const sum = covered.reduce((total, value) => total + value, 0);
    tell(told, [
      `${how}: ${many(before, "zero")} before and ${after} after, the output is ${result.length} × ${result.length}.`,
      `Window (${row}, ${column}) covers ${many(pixels, "pixel")} and ${many(covered.length - pixels, "zero")}. Mean: ${plain(sum)} / ${covered.length} = ${short(result[row][column])}.`,
      `The corner pixel is seen by ${many(seen[0][0], "window")}, the middle one by ${seen[n >> 1][n >> 1]}.`,
    ]);
  };
  return follow(model, draw);
}

export default { render };
