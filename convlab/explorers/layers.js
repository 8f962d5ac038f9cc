// Lesson 7: the large model, layer by layer, and a picture to draw on.

const SIDE = 28;
const OWN = "a drawing of your own";
const BRUSHES = [["0.5", "one pixel"], ["1", "thin"], ["2", "thick"]];

function grouped(value) {
  return value.toLocaleString("en-US");
}

/** A probability in percent; softmax never gives exactly 0 or 1, so rounding must not show that. */
export function percent(share) {
  if (share < 0.0005) return "under 0.1 %";
  return share > 0.9995 ? "over 99.9 %" : `${plain(Math.round(1000 * share) / 10)} %`;
}

/** Gray pictures from bytes: the picture that was computed, then each layer's maps. */
export function unfold(view, layers) {
  const all = bytes(view);
  let at = SIDE * SIDE;
  const take = (high, wide) => {
    const picture = { high, wide, pixels: all.slice(at, at + high * wide) };
    at += high * wide;
    return picture;
  };
  return layers.map(({ maps, shape }) => Array.from({ length: maps }, () => take(shape[0], shape[1])));
}

function painted({ high, wide, pixels }) {
  const canvas = create("canvas", { width: wide, height: high, class: "map as-output", "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const image = context.createImageData(wide, high);
  pixels.forEach((gray, index) => image.data.set([gray, gray, gray, 255], 4 * index));
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The pixels after a round brush with a soft edge has touched (row, column): white, or black if it erases. */
export function touched(pixels, row, column, radius, erases) {
  return pixels.map((gray, index) => {
    const distance = Math.hypot(Math.floor(index / SIDE) - row, (index % SIDE) - column);
    const ink = Math.round(255 * clamp(radius + 0.5 - distance, 0, 1));
    return erases ? Math.min(gray, 255 - ink) : Math.max(gray, ink);
  });
}

/** Where a drawing has bright pixels, in words. */
export function summary(pixels) {
  const bright = pixels.flatMap((gray, index) => (gray > 50 ? [index] : []));
  if (!bright.length) return "The drawing is empty.";
  const columns = bright.map((index) => index % SIDE);
  const rows = bright.map((index) => Math.floor(index / SIDE));
  const span = (noun, numbers) => `${noun} ${Math.min(...numbers)} to ${Math.max(...numbers)}`;
  return `${many(bright.length, "bright pixel")}, ${span("rows", rows)}, ${span("columns", columns)}.`;
}

/** The picture to draw on, its tools, and the line that describes the cursor. Returns its box and the function that draws it. */
function easel(model, controls, panels) {
  const undone = [];
  let [row, column, erases] = [14, 14, false];
  const pixels = () => bytes(model.get("drawing"));
  const show = (now) => change(model, { drawing: new DataView(Uint8Array.from(now).buffer) });
  const keep = () => undone.push(pixels());
  const replace = (now) => {
    keep();
    show(now);
  };
  const touch = (at, side, erasing = erases) => show(touched(pixels(), at, side, Number(brush.value), erasing));
  const place = (at, side) => {
    [row, column] = [clamp(Math.round(at), 0, SIDE - 1), clamp(Math.round(side), 0, SIDE - 1)];
  };
  const say = (loud) => {
    where.setAttribute("aria-live", loud ? "polite" : "off");
    where.textContent = `Row ${row}, column ${column}: ${pixels()[row * SIDE + column]} of 255. ${summary(pixels())}`;
  };
  const undo = () => {
    if (undone.length) show(undone.pop());
    say(true);
  };

  const clothes = bytes(model.get("clothes"));
  const known = model.get("names").map((name, index) => [name, clothes.slice(index * SIDE * SIDE, (index + 1) * SIDE * SIDE)]);
  const picture = choice(controls, "picture", [...known.map(([name]) => [name, name]), [OWN, OWN]], (name) => {
    replace(known.find(([other]) => other === name)?.[1] ?? Array(SIDE * SIDE).fill(0));
    say(false);
  });
  const brush = choice(controls, "brush", BRUSHES, () => {});
  brush.value = "2";
  const eraser = button(controls, "eraser", () => {
    erases = !erases;
    eraser.setAttribute("aria-pressed", String(erases));
  });
  eraser.setAttribute("aria-pressed", "false");
  const back = button(controls, "undo", undo);
  button(controls, "clear", () => {
    replace(Array(SIDE * SIDE).fill(0));
    say(true);
  });

  const move = (down, right) => {
    place(row + down, column + right);
    say(false);
    draw();
  };
  const grid = new Grid("input", "picture, 28 rows and 28 columns; Space draws", { onStep: move, onPick: () => {}, hover: false });
  grid.table.classList.add("easel");
  const where = create("p", { class: "where" });
  grid.table.addEventListener("keydown", (event) => {
    const removes = ["Delete", "Backspace"].includes(event.key);
    const draws = [" ", "Enter"].includes(event.key);
    const undoes = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    const line = event.shiftKey && ARROWS[event.key];
    if (!undoes && (event.ctrlKey || event.metaKey || event.altKey || !(removes || draws || line) || (event.shiftKey && !line))) return;
    event.preventDefault();
    event.stopPropagation();
    if (undoes) return undo();
    keep();
    if (line) {
      touch(row, column);
      place(row + line[0], column + line[1]);
    }
    touch(row, column, removes || erases);
    say(true);
  });

  let from = null;
  const under = ({ clientX, clientY }) => {
    const box = grid.table.tBodies[0].getBoundingClientRect();
    return [((clientY - box.top) / box.height) * SIDE - 0.5, ((clientX - box.left) / box.width) * SIDE - 0.5];
  };
  const stroke = (event) => {
    const to = under(event);
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(to[0] - from[0], to[1] - from[1])));
    let now = pixels();
    for (let step = 1; step <= steps; step++) {
      const at = [0, 1].map((axis) => from[axis] + ((to[axis] - from[axis]) * step) / steps);
      // A brush one pixel wide could fall between two pixels.
      const [down, right] = Number(brush.value) < 1 ? at.map(Math.round) : at;
      now = touched(now, down, right, Number(brush.value), erases);
    }
    from = to;
    place(...to);
    show(now);
    say(false);
  };
  grid.table.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    grid.table.setPointerCapture(event.pointerId);
    grid.table.focus({ preventScroll: true });
    keep();
    from = under(event);
    stroke(event);
  });
  grid.table.addEventListener("pointermove", (event) => from && stroke(event));
  for (const end of ["pointerup", "pointercancel"]) {
    grid.table.addEventListener(end, () => {
      if (from) say(true);
      from = null;
    });
  }
  const { box } = panel(panels, "picture: draw on it", grid.table, where);

  const draw = () => {
    const now = pixels();
    const same = ([, other]) => other.every((gray, index) => gray === now[index]);
    picture.value = (known.find(same) ?? [OWN])[0];
    back.disabled = !undone.length;
    const look = (i, j) => ({ paint: rgb(now[i * SIDE + j]), label: String(now[i * SIDE + j]), classes: i === row && j === column ? ["here"] : [] });
    grid.draw(SIDE, SIDE, look, [row, column]);
  };
  say(false);
  return { box, draw };
}

/** The model's prediction for the picture, as text and bars. Returns the function that draws it. */
function verdict(model, box) {
  const bars = create("div", { class: "sums", role: "status" });
  const late = create("p", { class: "late" });
  const note = create("p", { class: "note" }, "It knows ten kinds of clothes and nothing else. Whatever the picture is, its ten shares add up to 100 %.");
  box.append(create("p", { class: "part-name" }, "what the model says"), bars, late, note);
  let waiting = null;
  return () => {
    const rows = model.get("answers").map(({ name, share }) => {
      const bar = create("span", { class: "sum-bar as-output" });
      bar.style.width = `${100 * share}%`;
      return [create("span", { class: "sum-name" }, `${name}: ${percent(share)}`), create("span", { class: "sum-track" }, bar)];
    });
    const said = rows.map(([name]) => name.textContent).join();
    if (bars.dataset.said !== said) bars.replaceChildren(...rows.flat());
    bars.dataset.said = said;
    // An answer usually takes milliseconds; a message is shown only if it takes longer.
    clearTimeout(waiting);
    const drawing = bytes(model.get("drawing"));
    const seen = bytes(model.get("maps"));
    late.textContent = "";
    if (drawing.every((gray, index) => gray === seen[index])) return;
    waiting = setTimeout(() => {
      late.textContent = "These answers are for an earlier picture: the model evaluates the new one as soon as the kernel is free and Keras is loaded.";
    }, 800);
  };
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "The large model, layer by layer",
    "Draw with the mouse, a finger or a pen. Or by keys: arrows move the cursor, <kbd>Space</kbd> draws, <kbd>Shift</kbd> with an arrow draws a line, <kbd>Delete</kbd> erases, <kbd>Ctrl</kbd> <kbd>Z</kbd> undoes. Tab to the layers; <kbd>↑</kbd> and <kbd>↓</kbd>, <kbd>Home</kbd> and <kbd>End</kbd> choose one. Blocks are as high as the map and wider for more channels.",
  );
  const layers = model.get("layers");
  const total = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const key = `layers-${++made}`;
  const choose = (chosen) => change(model, { chosen: clamp(chosen, 0, layers.length - 1) });

  const picture = easel(model, controls, panels);
  const drawVerdict = verdict(model, picture.box);
  const options = layers.map(({ name, shape, parameters }, index) => {
    const block = create("span", { class: "block", "aria-hidden": "true" });
    const channels = shape[shape.length - 1];
    block.style.height = `${shape.length === 3 ? Math.max(shape[0], 3) : 3}px`;
    block.style.width = `${4 + 2.3 * Math.log2(channels)}px`;
    const size = shape.map(grouped).join(" × ");
    const option = create(
      "div",
      { class: "layer", role: "option", id: `${key}-${index}`, "aria-label": `${name}, output ${size}, ${many(parameters, "parameter")}` },
      create("span", { class: "block-box" }, block),
      create("span", { class: "layer-name" }, name),
      create("span", { class: "layer-shape" }, shape.map(grouped).join("×")),
      create("span", { class: "layer-count" }, parameters ? grouped(parameters) : "–"),
    );
    option.addEventListener("click", () => {
      choose(index);
      list.focus({ preventScroll: true });
    });
    return option;
  });
  const list = create("div", { class: "layers", role: "listbox", tabindex: 0, "aria-label": "layers" }, ...options);
  list.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1, Home: -1000, End: 1000 };
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    choose(model.get("chosen") + steps[event.key]);
  });
  const { box } = panel(panels, `layer, output, parameters (${grouped(total)} in all)`, list);
  box.classList.add("grows");
  const side = create("div", { class: "maps" });
  const { heading } = panel(box, "", side);

  let drawn = [];
  const draw = () => {
    picture.draw();
    drawVerdict();
    const chosen = clamp(model.get("chosen"), 0, layers.length - 1);
    if (drawn[0] === chosen && drawn[1] === model.get("maps")) return;
    drawn = [chosen, model.get("maps")];
    const { name, shape, parameters, how } = layers[chosen];
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    list.setAttribute("aria-activedescendant", `${key}-${chosen}`);
    const sentences = [
      `Layer ${chosen + 1} of ${layers.length}, ${name}: output ${shape.map(grouped).join(" × ")}, ${many(parameters, "parameter").replace(plain(parameters), grouped(parameters))}${parameters ? `, ${plain(Math.round((1000 * parameters) / total) / 10)} % of all` : ""}.`,
      `${how[0].toUpperCase()}${how.slice(1)}.`,
    ];
    const pictures = unfold(model.get("maps"), layers)[chosen];
    if (pictures.length) {
      heading.textContent = `the ${pictures.length} strongest maps of ${shape[2]}, and the largest number in each`;
      const strongest = model.get("strongest")[chosen];
      const figures = pictures.map((picture, index) => {
        const { filter, peak } = strongest[index];
        return create("figure", {}, painted(picture), create("figcaption", {}, `filter ${filter}: ${plain(peak)}`));
      });
      side.replaceChildren(...figures);
      sentences.push(`Shown are the ${pictures.length} strongest of its ${shape[2]} maps, ${shape[0]} × ${shape[1]} each; white is the strongest answer of each map.`);
    } else {
      heading.textContent = "maps";
      side.replaceChildren(create("p", { class: "note" }, `None: the output is a row of ${grouped(shape[0])} numbers.`));
    }
    tell(told, sentences);
  };
  return follow(model, draw);
}

export default { render };
