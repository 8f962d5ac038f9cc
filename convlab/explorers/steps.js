// Lesson 4: a convolution, step by step, on a picture of numbers or a real one, with an editable filter.

const FILTERS = [
  ["vertical edge", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]],
  ["horizontal edge", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]],
  ["vertical line", [[0, 1, 0], [0, 1, 0], [0, 1, 0]]],
  ["horizontal line", [[0, 0, 0], [1, 1, 1], [0, 0, 0]]],
  ["spot", [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]],
  ["blur", [[1, 1, 1], [1, 1, 1], [1, 1, 1]]],
  ["sharpen", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]],
  ["nothing but the middle", [[0, 0, 0], [0, 1, 0], [0, 0, 0]]],
  ["all zero", [[0, 0, 0], [0, 0, 0], [0, 0, 0]]],
];
const OWN = "numbers of your own";

export function written(image, kernel, row, column) {
  const terms = kernel.flatMap((line, u) => line.map((weight, v) => `${factor(image[row + u][column + v])}·${factor(weight)}`));
  return `${terms.join(" + ")} = ${plain(correlate(image, kernel)[row][column])}`;
}

/** The positions of the largest and the smallest number of a map. */
export function extremes(rows) {
  const all = rows.flatMap((line, i) => line.map((value, j) => [value, i, j]));
  const best = (better) => all.reduce((found, other) => (better(other[0], found[0]) ? other : found));
  return { largest: best((a, b) => a > b), smallest: best((a, b) => a < b) };
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "A convolution, step by step",
    "Arrow keys in the input or the output move the window, <kbd>Home</kbd> and <kbd>End</kbd> go to the ends of a row. So does the mouse. Type the kernel's numbers, or choose one and press −1 and +1.",
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

  const clothes = bytes(model.get("clothes"));
  const real = (index) => Array.from({ length: 28 }, (_, row) => clothes.slice(784 * index + 28 * row, 784 * index + 28 * (row + 1)));
  const known = [[model.get("first")[0].length > MOST_NUMBERS ? "your picture" : "a picture of numbers", model.get("first")], ...model.get("names").map((name, index) => [name, real(index)])];
  const picture = choice(controls, "picture", known.map(([name], index) => [index, name]), (index) => {
    change(model, { image: known[index][1] });
    move(model.get("row"), model.get("column"));
  });
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
  const patch = new Grid("input", "pixels in the window");
  const [seen, kernelPart, patchPart, productPart, sumPart] = [
    panel(panels, "input", input.table),
    panel(panels, "kernel", weights),
    panel(panels, "pixels in the window", patch.table),
    panel(panels, "pixel × weight", products.table),
    panel(panels, "", output.table),
  ];
  /** In a picture of numbers the patch is seen in place; a real picture stands beside its map. */
  const arrange = (pixels) => {
    const order = pixels ? [seen, sumPart, kernelPart, patchPart, productPart] : [seen, kernelPart, productPart, sumPart];
    const boxes = order.map(({ box }) => box);
    if (boxes.length !== panels.children.length) panels.replaceChildren(...boxes);
  };

  let fields = [];
  let chosen = [0, 0];
  const set = ([u, v], value) => change(model, { kernel: model.get("kernel").map((old, i) => old.map((weight, j) => (i === u && j === v ? value : weight))) });
  const add = (amount) => () => set(chosen, Number((model.get("kernel")[chosen[0]][chosen[1]] + amount).toPrecision(6)));
  const nudges = create("div", { class: "nudges", role: "group" });
  const name = create("span", { id: `weight-${++made}` });
  nudges.append(name);
  nudges.setAttribute("aria-labelledby", name.id);
  button(nudges, "−1", add(-1));
  button(nudges, "+1", add(1));
  kernelPart.box.append(nudges);
  const buildKernel = (kernel) => {
    weights.style.setProperty("--columns", kernel[0].length);
    fields = kernel.map((line, u) =>
      line.map((_, v) => {
        const field = number({ "aria-label": `weight in row ${u}, column ${v} of the kernel` }, (value) => set([u, v], value));
        field.addEventListener("focus", () => {
          chosen = [u, v];
          draw();
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
    picture.value = String(Math.max(0, known.findIndex(([, other]) => JSON.stringify(other) === JSON.stringify(image))));
    filter.value = (FILTERS.find(([, known]) => same(known)) ?? [OWN])[0];

    if (chosen[0] >= high || chosen[1] >= wide) chosen = [0, 0];
    fields.flat().forEach((field) => field.parentNode.classList.remove("chosen"));
    fields[chosen[0]][chosen[1]].parentNode.classList.add("chosen");
    name.textContent = `row ${chosen[0]}, column ${chosen[1]}:`;

    const pixels = image[0].length > MOST_NUMBERS;
    const shade = grays(image);
    input.table.style.setProperty("--high", high);
    input.table.style.setProperty("--wide", wide);
    const inside = (i, j) => i >= row && i < row + high && j >= column && j < column + wide;
    input.draw(
      image.length,
      image[0].length,
      (i, j) =>
        pixels
          ? { paint: rgb(shade.of(image[i][j])), label: plain(image[i][j]), classes: i === row && j === column ? ["here"] : [] }
          : {
              text: plain(image[i][j]),
              small: inside(i, j) ? `×${plain(kernel[i - row][j - column])}` : "",
              classes: inside(i, j) ? ["in-window", ...framed(i, j, row, column, high, wide)] : [],
            },
      [row, column],
    );
    arrange(pixels);
    if (pixels) patch.draw(high, wide, (u, v) => ({ text: plain(image[row + u][column + v]) }));
    products.draw(high, wide, (u, v) => ({ text: plain(image[row + u][column + v] * kernel[u][v]) }));
    const sums = correlate(image, kernel);
    const range = grays(sums);
    sumPart.heading.textContent = pixels ? `output: black ${plain(range.low)}, white ${plain(range.peak)}` : "output: the sums";
    output.draw(
      sums.length,
      sums[0].length,
      (i, j) => ({
        ...(pixels ? { paint: rgb(range.of(sums[i][j])), label: plain(sums[i][j]) } : { text: plain(sums[i][j]) }),
        classes: i === row && j === column ? ["here"] : [],
      }),
      [row, column],
    );
    back.disabled = row === 0 && column === 0;
    forth.disabled = row === last()[0] && column === last()[1];
    const { largest, smallest } = extremes(sums);
    const spread = ([value, i, j]) => `${plain(value)} at (${i}, ${j})`;
    tell(told, [`Output (${row}, ${column}) = ${plain(sums[row][column])}. The window begins at row ${row}, column ${column} of the input.`, written(image, kernel, row, column), ...(pixels ? [`The largest output is ${spread(largest)}, the smallest ${spread(smallest)}.`] : [])]);
  };
  return follow(model, draw);
}

export default { render };
