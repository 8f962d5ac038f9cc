// Lesson 3: how many windows fit along one axis, and which pixels none of them covers.

/** Positions of the window and zeros along one axis, by TensorFlow's rule; no outputs if the window does not fit. */
export function arrange(n, kernel, stride, padding) {
  const same = padding === "same";
  const outputs = same ? Math.ceil(n / stride) : Math.max(Math.floor((n - kernel) / stride) + 1, 0);
  const zeros = same ? Math.max((outputs - 1) * stride + kernel - n, 0) : 0;
  const before = Math.floor(zeros / 2);
  const starts = Array.from({ length: outputs }, (_, out) => out * stride - before);
  const seen = Array.from({ length: n }, (_, pixel) => starts.filter((start) => start <= pixel && pixel < start + kernel).length);
  return { outputs, before, after: zeros - before, starts, seen };
}

/** The rule with its numbers. */
export function formula(n, kernel, stride, padding) {
  const { outputs, before, after } = arrange(n, kernel, stride, padding);
  if (padding === "same") {
    const need = `max((${outputs} − 1)·${stride} + ${kernel} − ${n}, 0) = ${before + after}`;
    return [`Outputs: ⌈n / s⌉ = ⌈${n} / ${stride}⌉ = ${outputs}.`, `Zeros: max((outputs − 1)·s + k − n, 0) = ${need}: ${before} before, ${after} after.`];
  }
  if (kernel > n) return [`A window of ${kernel} does not fit into ${many(n, "pixel")}: "valid" is an error here.`];
  return [`Outputs: ⌊(n − k) / s⌋ + 1 = ⌊(${n} − ${kernel}) / ${stride}⌋ + 1 = ⌊${plain((n - kernel) / stride)}⌋ + 1 = ${outputs}.`, 'Zeros: none, since the padding is "valid".'];
}

function list(numbers) {
  return numbers.length === 1 ? `pixel ${numbers[0]}` : `pixels ${numbers.slice(0, -1).join(", ")} and ${numbers.at(-1)}`;
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "How many windows fit?",
    "Tab to the windows; <kbd>↑</kbd> and <kbd>↓</kbd> choose one. In a field, they change its number.",
  );
  const fields = {
    n: whole(controls, "pixels n", 1, 12, (n) => change(model, { n })),
    kernel: whole(controls, "window k", 1, 7, (kernel) => change(model, { kernel })),
    stride: whole(controls, "stride s", 1, 6, (stride) => change(model, { stride })),
  };
  const padding = choice(controls, "padding", [["valid", "valid"], ["same", "same"]], (value) => change(model, { padding: value }));

  const pixels = create("div", { class: "track", role: "img" });
  const bars = create("div", { class: "track bars", role: "listbox", tabindex: 0, "aria-label": "windows" });
  const heading = panel(panels, "pixels, and below how many windows see each", pixels).box;
  heading.classList.add("wide");
  const under = panel(panels, "windows, one for each output", bars).box;
  under.classList.add("wide");

  const choose = (chosen) => {
    const { outputs } = arrange(model.get("n"), model.get("kernel"), model.get("stride"), model.get("padding"));
    change(model, { chosen: clamp(chosen, 0, Math.max(outputs - 1, 0)) });
  };
  bars.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1, Home: -1000, End: 1000 };
    if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    choose(model.get("chosen") + steps[event.key]);
  });

  const draw = () => {
    const [n, kernel, stride, how] = ["n", "kernel", "stride", "padding"].map((name) => model.get(name));
    const { outputs, before, after, starts, seen } = arrange(n, kernel, stride, how);
    const chosen = clamp(model.get("chosen"), 0, Math.max(outputs - 1, 0));
    put(fields.n, n);
    put(fields.kernel, kernel);
    put(fields.stride, stride);
    padding.value = how;
    const total = before + n + after;
    const covers = (place) => outputs > 0 && place >= starts[chosen] && place < starts[chosen] + kernel;
    const unseen = seen.flatMap((count, pixel) => (count ? [] : [pixel]));

    const boxes = [];
    for (let place = -before; place < n + after; place++) {
      const real = place >= 0 && place < n;
      const kinds = [real ? "pixel" : "zero", ...(covers(place) ? ["in-window"] : []), ...(real && !seen[place] ? ["ignored"] : [])];
      boxes.push(create("span", { class: `box ${kinds.join(" ")}` }, real ? String(place) : "0"));
    }
    for (let place = -before; place < n + after; place++) {
      const real = place >= 0 && place < n;
      const mark = create("span", { class: "count" }, real ? (seen[place] ? String(seen[place]) : "✕") : "");
      boxes.push(mark);
    }
    for (const track of [pixels, bars]) track.style.setProperty("--columns", total);
    pixels.replaceChildren(...boxes);
    pixels.setAttribute(
      "aria-label",
      `${many(before, "zero")}, ${many(n, "pixel")}, ${many(after, "zero")}. Seen by so many windows: ${seen.join(", ")}.`,
    );
    bars.replaceChildren(
      ...starts.map((start, out) => {
        const bar = create("div", { class: "bar", role: "option", id: `${bars.dataset.key}-${out}`, "aria-selected": String(out === chosen) }, String(out));
        bar.setAttribute("aria-label", `output ${out}: window from ${start} to ${start + kernel - 1}`);
        bar.style.gridColumn = `${start + before + 1} / span ${kernel}`;
        bar.style.gridRow = String(out + 1);
        bar.addEventListener("click", () => {
          choose(out);
          bars.focus({ preventScroll: true });
        });
        return bar;
      }),
    );
    if (outputs) bars.setAttribute("aria-activedescendant", `${bars.dataset.key}-${chosen}`);
    else bars.removeAttribute("aria-activedescendant");
    bars.classList.toggle("empty", !outputs);

    const sentences = formula(n, kernel, stride, how);
    if (outputs) {
      sentences.push(unseen.length ? `No window sees ${list(unseen)}.` : "Every pixel is seen.");
      const covered = seen.flatMap((_, pixel) => (covers(pixel) ? [pixel] : []));
      const zeros = kernel - covered.length;
      const both = [covered.length ? list(covered) : "", zeros ? many(zeros, "zero") : ""].filter(Boolean);
      sentences.push(`Output ${chosen} begins at ${chosen}·${stride}${before ? ` − ${before}` : ""} = ${plain(starts[chosen])} and sees ${both.join(", and ")}.`);
    }
    tell(told, sentences);
  };
  bars.dataset.key = `windows-${++made}`;
  return follow(model, draw);
}

export default { render };
