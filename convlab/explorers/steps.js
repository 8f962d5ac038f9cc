// Lesson 4: a convolution, one step after the other.

const FILTERS = [
  ["vertical edge", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]],
  ["horizontal edge", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]],
  ["vertical line", [[0, 1, 0], [0, 1, 0], [0, 1, 0]]],
  ["horizontal line", [[0, 0, 0], [1, 1, 1], [0, 0, 0]]],
  ["spot", [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]],
  ["nothing but the middle", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]],
];
const OWN = "numbers of your own";

export function written(image, kernel, row, column) {
  const terms = kernel.flatMap((line, u) => line.map((weight, v) => `${factor(image[row + u][column + v])}·${factor(weight)}`));
  return `${terms.join(" + ")} = ${plain(correlate(image, kernel)[row][column])}`;
}

function render({ model, el }) {
  const { root, controls, panels, told } = frame(
    el,
    "A convolution, step by step",
    "Arrow keys in the input or the output move the window, <kbd>Home</kbd> and <kbd>End</kbd> go to the ends of a row. So does the mouse. The kernel's numbers can be edited.",
  );
  const state = () => ({ image: model.get("image"), kernel: model.get("kernel"), row: model.get("row"), column: model.get("column") });
  const last = () => {
    const { image, kernel } = state();
    return [image.length - kernel.length, image[0].length - kernel[0].length];
  };
  const move = (row, column) => {
    const [bottom, right] = last();
    change(model, { row: clamp(row, 0, bottom), column: clamp(column, 0, right) });
  };
  const step = (down, right) => move(model.get("row") + down, model.get("column") + right);
  const next = (by) => {
    const columns = last()[1] + 1;
    const place = clamp(model.get("row") * columns + model.get("column") + by, 0, columns * (last()[0] + 1) - 1);
    move(Math.floor(place / columns), place % columns);
  };

  const filter = choice(controls, "filter", [...FILTERS.map(([name]) => [name, name]), [OWN, OWN]], (name) => {
    const found = FILTERS.find(([known]) => known === name);
    if (found) {
      change(model, { kernel: found[1] });
      move(model.get("row"), model.get("column"));
    }
  });
  const back = button(controls, "← step back", () => next(-1));
  const forth = button(controls, "step →", () => next(1));

  const input = new Grid("input", "input, with the window", { onStep: step, onPick: move });
  const weights = create("table", { class: "grid as-kernel", "aria-label": "kernel" });
  const products = new Grid("product", "pixel times weight");
  const output = new Grid("output", "output", { onStep: step, onPick: move });
  panel(panels, "input", input.table);
  panel(panels, "kernel", weights);
  panel(panels, "pixel × weight", products.table);
  panel(panels, "output: the sums", output.table);

  let fields = [];
  const buildKernel = (kernel) => {
    weights.style.setProperty("--columns", kernel[0].length);
    fields = kernel.map((line, u) =>
      line.map((_, v) => {
        const field = create("input", { type: "number", step: "any", "aria-label": `weight in row ${u}, column ${v} of the kernel` });
        field.addEventListener("input", () => {
          const value = Number(field.value);
          const right = field.value !== "" && Number.isFinite(value);
          field.setAttribute("aria-invalid", String(!right));
          if (right) change(model, { kernel: model.get("kernel").map((old, i) => old.map((weight, j) => (i === u && j === v ? value : weight))) });
        });
        field.addEventListener("change", () => {
          field.setAttribute("aria-invalid", "false");
          put(field, model.get("kernel")[u][v]);
        });
        return field;
      }),
    );
    const rows = fields.map((line) => create("tr", {}, ...line.map((field) => create("td", {}, field))));
    weights.replaceChildren(create("tbody", {}, ...rows));
  };

  const draw = () => {
    const { image, kernel } = state();
    const [row, column] = [clamp(model.get("row"), 0, last()[0]), clamp(model.get("column"), 0, last()[1])];
    const [high, wide] = [kernel.length, kernel[0].length];
    if (fields.length !== high || fields[0].length !== wide) buildKernel(kernel);
    fields.forEach((line, u) => line.forEach((field, v) => put(field, kernel[u][v])));
    const same = (other) => JSON.stringify(other) === JSON.stringify(kernel);
    filter.value = (FILTERS.find(([, known]) => same(known)) ?? [OWN])[0];

    const inside = (i, j) => i >= row && i < row + high && j >= column && j < column + wide;
    input.draw(
      image.length,
      image[0].length,
      (i, j) => ({
        text: plain(image[i][j]),
        small: inside(i, j) ? `×${plain(kernel[i - row][j - column])}` : "",
        classes: inside(i, j) ? ["in-window", ...framed(i, j, row, column, high, wide)] : [],
      }),
      [row, column],
    );
    products.draw(high, wide, (u, v) => ({ text: plain(image[row + u][column + v] * kernel[u][v]) }));
    const sums = correlate(image, kernel);
    output.draw(
      sums.length,
      sums[0].length,
      (i, j) => ({ text: plain(sums[i][j]), classes: i === row && j === column ? ["here"] : [] }),
      [row, column],
    );
    back.disabled = row === 0 && column === 0;
    forth.disabled = row === last()[0] && column === last()[1];
    tell(told, [`Output (${row}, ${column}) = ${plain(sums[row][column])}. The window begins at row ${row}, column ${column} of the input.`, written(image, kernel, row, column)]);
  };
  return follow(model, draw);
}

export default { render };
