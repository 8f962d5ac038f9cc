// Lesson 6: which neurons a draw sets to zero, and why the others are scaled up.

/** Draws × units random numbers in [0, 1), as NumPy drew them. */
export function unpack(bytes, units) {
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return Array.from({ length: numbers.length / units }, (_, draw) => [...numbers.slice(draw * units, (draw + 1) * units)]);
}

/** Inverted dropout: survivors divided by 1 − rate. */
export function dropped(activations, random, rate) {
  return activations.map((value, unit) => (random[unit] >= rate ? value / (1 - rate) : 0));
}

/** The mean over the first draws of the sum that the next layer receives, with survivors as they are and scaled. */
export function heard(activations, draws, rate) {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const scaled = sum(draws.map((random) => sum(dropped(activations, random, rate)))) / draws.length;
  return { scaled, bare: scaled * (1 - rate) };
}

function short(value) {
  return plain(Math.round(value * 100) / 100);
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "Silence some, and let the others speak louder",
    "✕ marks a silenced neuron. The draws are always the same ones, since their seed is.",
  );
  const draws = unpack(model.get("random"), model.get("activations").length);
  const go = (draw) => change(model, { draw: clamp(draw, 0, draws.length - 1) });
  const slide = slider(controls, "", 0, 0.9, 0.1, (rate) => change(model, { rate }));
  const rateText = slide.previousSibling;
  const mode = choice(controls, "mode", [["training", "training"], ["prediction", "prediction"]], (value) => change(model, { training: value === "training" }));
  const again = button(controls, "draw again", () => go(model.get("draw") + 1));
  const more = button(controls, "ten more", () => go(model.get("draw") + 10));
  const first = button(controls, "first draw", () => go(0));

  const before = new Grid("input", "what the neurons say");
  const after = new Grid("output", "what is left of it");
  panel(panels, "12 neurons say", before.table).heading.textContent = `${draws[0].length} neurons say`;
  panel(panels, "behind dropout", after.table);
  const bars = create("div", { class: "sums" });
  const means = panel(panels, "", bars);
  means.box.classList.add("grows");

  const draw = () => {
    const [activations, rate, training] = ["activations", "rate", "training"].map((name) => model.get(name));
    const place = clamp(model.get("draw"), 0, draws.length - 1);
    slide.value = String(rate);
    rateText.textContent = `rate ${short(rate)}`;
    mode.value = training ? "training" : "prediction";
    again.disabled = more.disabled = !training || place === draws.length - 1;
    first.disabled = !training || place === 0;

    const columns = 4;
    const rows = Math.ceil(activations.length / columns);
    const unit = (i, j) => i * columns + j;
    const kept = (index) => !training || draws[place][index] >= rate;
    const out = training ? dropped(activations, draws[place], rate) : activations;
    before.draw(rows, columns, (i, j) => ({ text: plain(activations[unit(i, j)]) }));
    after.draw(rows, columns, (i, j) => ({
      text: short(out[unit(i, j)]),
      small: kept(unit(i, j)) ? "" : "✕",
      classes: kept(unit(i, j)) ? [] : ["zero"],
      label: kept(unit(i, j)) ? "" : "0, silenced",
    }));

    const sum = activations.reduce((total, value) => total + value, 0);
    const now = out.reduce((total, value) => total + value, 0);
    const mean = training ? heard(activations, draws.slice(0, place + 1), rate) : { scaled: sum, bare: sum };
    means.heading.textContent = training ? `the next layer hears, mean of ${many(place + 1, "draw")}` : "the next layer hears";
    const rowsOf = [["without dropout", sum, "input"], ["survivors as they are", mean.bare, "output pale"], ["divided by 1 − rate", mean.scaled, "output"]];
    const most = Math.max(2 * sum, mean.scaled, 1e-9);
    bars.replaceChildren(
      ...(training ? rowsOf : rowsOf.slice(0, 1)).flatMap(([name, value, role]) => {
        const bar = create("span", { class: `sum-bar as-${role}` });
        bar.style.width = `${(100 * value) / most}%`;
        return [create("span", { class: "sum-name" }, `${name}: ${short(value)}`), create("span", { class: "sum-track" }, bar)];
      }),
    );
    const survivors = activations.filter((_, index) => kept(index)).length;
    tell(
      told,
      training
        ? [
            `Draw ${place + 1}, rate ${short(rate)}: ${survivors} of ${activations.length} neurons survive. What they say is divided by 1 − ${short(rate)} = ${short(1 - rate)}.`,
            `Sum without dropout ${short(sum)}, now ${short(now)}; mean of ${many(place + 1, "draw")}: ${short(mean.scaled)}, and ${short(mean.bare)} if nothing were scaled.`,
          ]
        : [`Prediction: nothing is silenced and nothing is scaled. The sum is ${short(sum)}.`],
    );
  };
  return follow(model, draw);
}

export default { render };
