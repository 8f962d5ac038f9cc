// Lesson 4: a filter looks at all channels at once, and adds them up to one number; each filter makes one map.

/** Weights by channel, column of the slice, and its last column. */
const PRESETS = [
  ["difference of two channels", (channel) => [1, -1, 0, 0][channel]],
  ["all channels alike (gray)", () => 1],
  ["one channel only", (channel) => Number(channel === 0)],
  ["vertical edge in all channels", (_, column, last) => Number(column === last) - Number(column === 0)],
  ["first channel left of the second", (channel, column, last) => Number(channel < 2 && column === channel * last)],
  ["all zero", () => 0],
];
const OWN = "numbers of your own";

function preset(weight, slices) {
  return slices.map((slice, channel) => slice.map((line) => line.map((_, column) => weight(channel, column, line.length - 1))));
}

/** The sums of each channel under its slice, `[channel][row][column]`, and the map that they add up to with the bias. */
export function added(channels, slices, bias) {
  const sums = channels.map((channel, place) => correlate(channel, slices[place]));
  const total = (row, column) => sums.reduce((sum, one) => sum + one[row][column], bias);
  return { sums, map: sums[0].map((line, row) => line.map((_, column) => total(row, column))) };
}

/** Number fields in the look of a kernel. */
function fieldTable(rows) {
  const lines = rows.map((fields) => create("tr", {}, ...fields.map((field) => create("td", {}, field))));
  return create("table", { class: "grid as-kernel", style: `--columns: ${rows[0].length}` }, create("tbody", {}, ...lines));
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "Several channels in, one number out",
    "Arrow keys in a channel or a map move the window, <kbd>Home</kbd> and <kbd>End</kbd> go to the ends of a row. So does the mouse. Keys and clicks in a map show its filter, too. Type weights and the bias, or choose them in the list.",
  );
  const state = () => {
    const { name, names, channels, colors } = model.get("inputs")[model.get("shown")];
    const [filter, filters, biases] = ["filter", "filters", "biases"].map((trait) => model.get(trait));
    const [high, wide] = [filters[0][0].length, filters[0][0][0].length];
    const [bottom, right] = [channels[0].length - high, channels[0][0].length - wide];
    const [row, column] = [clamp(model.get("row"), 0, bottom), clamp(model.get("column"), 0, right)];
    return { name, names, channels, colors, filter, filters, biases, high, wide, bottom, right, row, column };
  };
  const move = (row, column) => {
    const { bottom, right } = state();
    change(model, { row: clamp(row, 0, bottom), column: clamp(column, 0, right) });
  };
  const step = (down, right) => move(state().row + down, state().column + right);
  const show = (filter) => change(model, { filter });
  /** Replace what belongs to the filter that is shown. */
  const replace = (trait, value) => change(model, { [trait]: model.get(trait).map((old, place) => (place === model.get("filter") ? value : old)) });

  const input = choice(controls, "input", model.get("inputs").map(({ name }, index) => [index, name]), (index) => change(model, { shown: Number(index) }));
  const filter = choice(controls, "filter shown", model.get("filters").map((_, place) => [place, `filter ${place}`]), (place) => show(Number(place)));
  const weights = choice(controls, "weights", [...PRESETS.map(([name]) => [name, name]), [OWN, OWN]], (name) => {
    const found = PRESETS.find(([known]) => known === name);
    if (found) replace("filters", preset(found[1], state().filters[state().filter]));
  });

  const sign = (text) => create("span", { class: "sign", "aria-hidden": "true" }, text);
  /** What stays on one line if there is room; a line inside it begins the next one. */
  const line = (...parts) => create("div", { class: "line" }, ...parts);
  const column = create("div", { class: "channels" });
  const lines = state().filters[0].map((slice, channel) => {
    const grid = new Grid("input", "", { onStep: step, onPick: move });
    const fields = slice.map((weights, u) => weights.map((_, v) => number({}, (value) => set(channel, u, v, value))));
    const kernel = fieldTable(fields);
    const [products, sum] = [new Grid("product", ""), new Grid("output", "")];
    const { box, heading } = panel(column, "", line(grid.table, sign("×"), kernel, line(sign("="), products.table, sign("→"), sum.table)));
    return { grid, fields, kernel, products, sum, box, heading };
  });
  const set = (channel, u, v, value) => {
    const { filters, filter } = state();
    const slices = structuredClone(filters[filter]);
    slices[channel][u][v] = value;
    replace("filters", slices);
  };
  const bias = number({ "aria-label": "bias" }, (value) => replace("biases", value));
  const [result, total] = [create("span", { class: "part-name" }), new Grid("output", "sum of all channels and the bias")];
  column.append(line(line(sign("+"), create("span", { class: "part-name" }, "bias"), fieldTable([[bias]]))), create("hr"), line(line(sign("="), result, total.table)));

  const beside = create("div", { class: "beside" });
  const picture = new Grid("input", "the picture that the channels are made of");
  picture.table.setAttribute("role", "img");
  const original = panel(beside, "the picture", picture.table).box;
  const maps = model.get("filters").map((_, place) => {
    const pick = (row, column) => {
      show(place);
      move(row, column);
    };
    const grid = new Grid("output", `map of filter ${place}`, { onStep: (down, right) => pick(state().row + down, state().column + right), onPick: pick, hover: false });
    panel(beside, `map of filter ${place}`, grid.table);
    return grid;
  });
  panels.append(column, beside);

  const draw = () => {
    const { names, channels, colors, filter: chosen, filters, biases, high, wide, row, column } = state();
    const results = filters.map((slices, place) => added(channels, slices, biases[place]));
    const { sums, map } = results[chosen];
    input.value = String(model.get("shown"));
    filter.value = String(chosen);
    const same = ([, weight]) => JSON.stringify(preset(weight, filters[chosen])) === JSON.stringify(filters[chosen]);
    weights.value = (PRESETS.find(same) ?? [OWN])[0];

    lines.forEach(({ grid, fields, kernel, products, sum, box, heading }, channel) => {
      box.hidden = channel >= channels.length;
      if (box.hidden) return;
      const [pixels, slice, name] = [channels[channel], filters[chosen][channel], names[channel]];
      heading.textContent = `${name} × its slice of filter ${chosen}`;
      for (const [table, text] of [[grid.table, name], [kernel, `slice for ${name}`], [products.table, `products of ${name}`], [sum.table, `sum of ${name}`]]) table.setAttribute("aria-label", text);
      grid.draw(
        pixels.length,
        pixels[0].length,
        (i, j) => {
          const frames = framed(i, j, row, column, high, wide);
          const covered = i >= row && i < row + high && j >= column && j < column + wide;
          return { text: plain(pixels[i][j]), classes: covered ? ["in-window", ...frames] : [] };
        },
        [row, column],
      );
      fields.forEach((line, u) =>
        line.forEach((field, v) => {
          field.setAttribute("aria-label", `${name}, weight in row ${u}, column ${v}`);
          put(field, slice[u][v]);
        }),
      );
      products.draw(high, wide, (u, v) => ({ text: plain(pixels[row + u][column + v] * slice[u][v]) }));
      sum.draw(1, 1, () => ({ text: plain(sums[channel][row][column]) }));
    });
    put(bias, biases[chosen]);
    result.textContent = `one number, for map ${chosen}`;
    total.draw(1, 1, () => ({ text: plain(map[row][column]), classes: ["here"] }));

    original.hidden = !colors.length;
    if (colors.length) picture.draw(colors.length, colors[0].length, (i, j) => ({ paint: rgb(...colors[i][j]) }));
    maps.forEach((grid, place) => {
      const values = results[place].map;
      grid.draw(values.length, values[0].length, (i, j) => ({ text: plain(values[i][j]), classes: place === chosen && i === row && j === column ? ["here"] : [] }), [row, column]);
    });

    const terms = names.map((name, channel) => `${name} ${plain(sums[channel][row][column])}`);
    tell(told, [
      `Map ${chosen}, row ${row}, column ${column}: ${terms.join(" + ")} + bias ${plain(biases[chosen])} = ${plain(map[row][column])}.`,
      `Input ${channels[0].length} × ${channels[0][0].length} × ${channels.length}; ${filters.length} filters, each ${high} × ${wide} × ${channels.length} and a bias; output ${map.length} × ${map[0].length} × ${filters.length}.`,
    ]);
  };
  return follow(model, draw);
}

export default { render };
