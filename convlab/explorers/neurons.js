// Lesson 1: the response of a dense neuron and of a convolution to a shape that moves.

export function placed(shape, side, row, column) {
  const inside = (i, j) => i >= row && i < row + shape.length && j >= column && j < column + shape[0].length;
  return Array.from({ length: side }, (_, i) => Array.from({ length: side }, (_, j) => (inside(i, j) ? shape[i - row][j - column] : 0)));
}

/** Parameters for a map of all windows of a picture: of a dense layer with as many outputs, and of a convolution with one filter. */
export function counts(side, kernel) {
  const outputs = (side - kernel + 1) ** 2;
  return { outputs, dense: (side ** 2 + 1) * outputs, convolution: kernel ** 2 + 1 };
}

function grouped(value) {
  return value.toLocaleString("en-US");
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "The same shape, somewhere else",
    "Arrow keys in the picture move the shape, a click puts it there. ★ marks the largest value of the map.",
  );
  const side = model.get("weights").length;
  const shape = model.get("shape");
  const kernel = model.get("kernel");
  const move = (row, column) => change(model, { row: clamp(row, 0, side - shape.length), column: clamp(column, 0, side - shape[0].length) });
  const step = (down, right) => move(model.get("row") + down, model.get("column") + right);
  const home = button(controls, "back to the corner", () => move(0, 0));
  const size = whole(controls, "count weights for a picture with a side of", kernel.length, 224, (value) => change(model, { side: value }));

  const picture = new Grid("input", "picture with a shape", { onStep: step, onPick: move, hover: false });
  const dense = new Grid("kernel", "weights of one dense neuron");
  const weights = new Grid("kernel", "kernel");
  const map = new Grid("output", "feature map");
  panel(panels, "picture", picture.table);
  const denseTitle = panel(panels, "", dense.table).heading;
  panel(panels, `convolution: ${kernel.length * kernel[0].length} weights`, weights.table);
  panel(panels, "its feature map", map.table);

  const look = (row, column) => {
    const image = placed(shape, side, row, column);
    const sum = image.reduce((total, line, i) => total + line.reduce((part, pixel, j) => part + pixel * model.get("weights")[i][j], 0), 0);
    const sums = correlate(image, kernel);
    const peak = Math.max(...sums.flat());
    const at = sums.flat().indexOf(peak);
    return { image, sum, sums, peak, peakRow: Math.floor(at / sums[0].length), peakColumn: at % sums[0].length };
  };
  const draw = () => {
    const [row, column] = [clamp(model.get("row"), 0, side - shape.length), clamp(model.get("column"), 0, side - shape[0].length)];
    const now = look(row, column);
    const first = look(0, 0);
    put(size, model.get("side"));
    home.disabled = row === 0 && column === 0;
    const bright = (i, j) => now.image[i][j] !== 0;
    picture.draw(side, side, (i, j) => ({ text: plain(now.image[i][j]), classes: bright(i, j) ? ["bright"] : [] }), [row, column]);
    dense.draw(side, side, (i, j) => ({ text: plain(model.get("weights")[i][j]), classes: bright(i, j) ? ["met"] : ["unmet"], label: bright(i, j) ? `${plain(model.get("weights")[i][j])}, meets the shape` : "" }));
    weights.draw(kernel.length, kernel[0].length, (i, j) => ({ text: plain(kernel[i][j]) }));
    const peak = (i, j) => i === now.peakRow && j === now.peakColumn;
    map.draw(now.sums.length, now.sums[0].length, (i, j) => ({ text: plain(now.sums[i][j]), small: peak(i, j) ? "★" : "", classes: peak(i, j) ? ["here"] : [] }));
    denseTitle.textContent = `dense neuron: ${side * side} weights, sum ${plain(now.sum)}`;
    const { outputs, dense: many_, convolution } = counts(model.get("side"), kernel.length);
    const moved = row > 0 || column > 0;
    const along = moved && now.peak === first.peak && now.peakRow === row && now.peakColumn === column;
    tell(told, [
      `Shape at row ${row}, column ${column}. The dense neuron says ${plain(now.sum)}${moved ? `; with the shape in the corner it said ${plain(first.sum)}` : ""}.`,
      `The largest value of the map is ${plain(now.peak)}, at row ${now.peakRow}, column ${now.peakColumn}${along ? ": the same value, moved along" : ""}.`,
      `A picture of ${model.get("side")} × ${model.get("side")} and ${grouped(outputs)} outputs: the dense layer has ${grouped(many_)} weights and biases, the convolution ${convolution}.`,
    ]);
  };
  return follow(model, draw);
}

export default { render };
