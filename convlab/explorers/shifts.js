// Lesson 5: the maximum or the mean of each window, and what stays the same when the input shifts.

export function shifted(image, shift) {
  return image.map((line) => line.map((_, column) => (column >= shift ? line[column - shift] : 0)));
}

/** The maximum or the mean of each whole window; windows do not overlap. */
export function pooled(image, size, how) {
  const rows = Math.floor(image.length / size);
  const columns = Math.floor(image[0].length / size);
  const window = (i, j) => image.slice(i * size, (i + 1) * size).flatMap((line) => line.slice(j * size, (j + 1) * size));
  const reduce = how === "max" ? (values) => Math.max(...values) : (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => reduce(window(i, j))));
}

function short(value) {
  return plain(Math.round(value * 100) / 100);
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "Keep the gist: largest against mean",
    "Arrow keys in a grid choose a window; in the slider, they move the input. ✱ marks an output that the shift has changed; the largest value of the window is underlined.",
  );
  const size = choice(controls, "window", [["2", "2 × 2"], ["3", "3 × 3"]], (value) => {
    change(model, { size: Number(value) });
    move(model.get("row"), model.get("column"));
  });
  const move = (row, column) => {
    const places = pooled(model.get("image"), model.get("size"), "max");
    change(model, { row: clamp(row, 0, places.length - 1), column: clamp(column, 0, places[0].length - 1) });
  };
  const step = (down, right) => move(model.get("row") + down, model.get("column") + right);
  const slide = slider(controls, "move the input to the right", 0, 3, 1, (shift) => change(model, { shift }));

  const pickInput = (row, column) => move(Math.floor(row / model.get("size")), Math.floor(column / model.get("size")));
  const input = new Grid("input", "input in windows", { onStep: step, onPick: pickInput });
  const largest = new Grid("output", "max pooling", { onStep: step, onPick: move });
  const mean = new Grid("output", "average pooling", { onStep: step, onPick: move });
  panel(panels, "input", input.table);
  panel(panels, "max pooling", largest.table);
  panel(panels, "average pooling", mean.table);

  const draw = () => {
    const [image, pool, shift] = ["image", "size", "shift"].map((name) => model.get(name));
    const now = shifted(image, shift);
    const results = { max: pooled(now, pool, "max"), mean: pooled(now, pool, "mean") };
    const first = { max: pooled(image, pool, "max"), mean: pooled(image, pool, "mean") };
    const [rows, columns] = [results.max.length, results.max[0].length];
    const [row, column] = [clamp(model.get("row"), 0, rows - 1), clamp(model.get("column"), 0, columns - 1)];
    size.value = String(pool);
    slide.value = String(shift);
    slide.setAttribute("aria-valuetext", many(shift, "column"));

    const chosen = (i, j) => Math.floor(i / pool) === row && Math.floor(j / pool) === column;
    const winner = (i, j) => chosen(i, j) && now[i][j] === results.max[row][column];
    input.draw(
      now.length,
      now[0].length,
      (i, j) => {
        const [top, left] = [Math.floor(i / pool), Math.floor(j / pool)];
        const frames = top < rows && left < columns ? framed(i, j, top * pool, left * pool, pool, pool) : ["zero"];
        return { text: plain(now[i][j]), classes: [...(chosen(i, j) ? ["in-window"] : []), ...(winner(i, j) ? ["marked"] : []), ...frames] };
      },
      [row * pool, column * pool],
    );
    const changed = {};
    for (const [how, grid] of [["max", largest], ["mean", mean]]) {
      const moved = (i, j) => Math.abs(results[how][i][j] - first[how][i][j]) > 1e-9;
      changed[how] = results[how].flatMap((line, i) => line.filter((_, j) => moved(i, j))).length;
      grid.draw(
        rows,
        columns,
        (i, j) => ({
          text: short(results[how][i][j]),
          small: moved(i, j) ? "✱" : "",
          classes: i === row && j === column ? ["here"] : [],
          label: moved(i, j) ? `${short(results[how][i][j])}, was ${short(first[how][i][j])}` : "",
        }),
        [row, column],
      );
    }
    const values = now.slice(row * pool, (row + 1) * pool).flatMap((line) => line.slice(column * pool, (column + 1) * pool));
    const sentences = [
      `Window (${row}, ${column}) holds ${values.map(plain).join(", ")}: the largest is ${short(results.max[row][column])}, the mean ${short(results.mean[row][column])}.`,
    ];
    if (shift) sentences.push(`Moved by ${many(shift, "column")}: ${changed.max} of ${rows * columns} have changed under max pooling, ${changed.mean} of ${rows * columns} under average pooling.`);
    else sentences.push("The input has not been moved yet.");
    tell(told, sentences);
  };
  return follow(model, draw);
}

export default { render };
