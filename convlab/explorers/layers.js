// Lesson 7: the large model, layer by layer.

function grouped(value) {
  return value.toLocaleString("en-US");
}

/** Gray pictures out of bytes: the input, and each layer's maps. */
export function unfold(bytes, layers) {
  const all = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (high, wide) => {
    const picture = { high, wide, pixels: [...all.slice(at, at + high * wide)] };
    at += high * wide;
    return picture;
  };
  const input = take(28, 28);
  return { input, maps: layers.map(({ maps, shape }) => Array.from({ length: maps }, () => take(shape[0], shape[1]))) };
}

function painted({ high, wide, pixels }, role) {
  const canvas = create("canvas", { width: wide, height: high, class: `map as-${role}`, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const image = context.createImageData(wide, high);
  pixels.forEach((gray, index) => image.data.set([gray, gray, gray, 255], 4 * index));
  context.putImageData(image, 0, 0);
  return canvas;
}

function render({ model, el }) {
  const { panels, told } = frame(el, "The large model, layer by layer", "Tab to the layers; <kbd>↑</kbd> and <kbd>↓</kbd>, <kbd>Home</kbd> and <kbd>End</kbd> choose one. Blocks are as high as the map and wider for more channels.");
  const layers = model.get("layers");
  const { input, maps } = unfold(model.get("maps"), layers);
  const total = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const key = `layers-${++made}`;
  const choose = (chosen) => change(model, { chosen: clamp(chosen, 0, layers.length - 1) });

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
  panel(panels, `layer, output, parameters (${grouped(total)} in all)`, list).box.classList.add("grows");
  const side = create("div", { class: "maps" });
  const shown = panel(panels, "", side);
  shown.box.classList.add("grows");

  const draw = () => {
    const chosen = clamp(model.get("chosen"), 0, layers.length - 1);
    const { name, shape, parameters, how } = layers[chosen];
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    list.setAttribute("aria-activedescendant", `${key}-${chosen}`);
    const sentences = [
      `Layer ${chosen + 1} of ${layers.length}, ${name}: output ${shape.map(grouped).join(" × ")}, ${many(parameters, "parameter").replace(plain(parameters), grouped(parameters))}${parameters ? `, ${plain(Math.round((1000 * parameters) / total) / 10)} % of all` : ""}.`,
      `${how[0].toUpperCase()}${how.slice(1)}.`,
    ];
    const pictures = maps[chosen];
    const last = chosen === layers.length - 1;
    if (pictures.length) {
      shown.heading.textContent = `picture, and its ${pictures.length} strongest maps of ${shape[2]}`;
      side.replaceChildren(painted(input, "input"), ...pictures.map((picture) => painted(picture, "output")));
      sentences.push(`Shown are the picture and the ${pictures.length} strongest of its ${shape[2]} maps, ${shape[0]} × ${shape[1]} each; white is the strongest answer of each map.`);
    } else if (last) {
      shown.heading.textContent = "picture, and what the model says";
      const answers = model.get("answers").map(({ name: label, share }) => `${label} ${plain(Math.round(1000 * share) / 10)} %`);
      side.replaceChildren(painted(input, "input"), create("p", { class: "answers" }, answers.join(", ")));
      sentences.push(`The most probable classes: ${answers.join(", ")}.`);
    } else {
      shown.heading.textContent = "picture";
      side.replaceChildren(painted(input, "input"));
    }
    tell(told, sentences);
  };
  return follow(model, draw);
}

export default { render };
