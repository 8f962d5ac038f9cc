// Lesson 8: the loss of every kernel of two weights, and a walk down into its valley.

const difference = ([a, b], [c, d]) => [a - c, b - d];
const dot = ([a, b], [c, d]) => a * c + b * d;

/** The gradient of the loss: it is linear in the weights, and zero at the goal. */
export function gradient(curvature, goal, weights) {
  const away = difference(weights, goal);
  return curvature.map((row) => dot(row, away));
}

/** The mean squared error of these weights' map. */
export function loss(curvature, goal, weights) {
  return dot(gradient(curvature, goal, weights), difference(weights, goal)) / 2;
}

/** Why a path goes no further: "arrived", "lost" outside the landscape, "long", or "" if it does. */
export function ending({ curvature, goal, corner, span, near, most }, path) {
  const [first, now] = [path[0], path.at(-1)].map((weights) => loss(curvature, goal, weights));
  const inside = path.at(-1).every((weight, axis) => weight >= corner[axis] && weight <= corner[axis] + span);
  if (now < near) return "arrived";
  if (now > first && !inside) return "lost";
  return path.length > most ? "long" : "";
}

/** The path with so many steps more, unless it ends before. */
export function walked(land, path, rate, steps) {
  const longer = [...path];
  for (let step = 0; step < steps && !ending(land, longer); step++) {
    const weights = longer.at(-1);
    const slope = gradient(land.curvature, land.goal, weights);
    longer.push(weights.map((weight, axis) => weight - rate * slope[axis]));
  }
  return longer;
}

/** The angle between the next step and the way to the goal, in degrees. */
export function beside(curvature, goal, weights) {
  const [step, way] = [gradient(curvature, goal, weights), difference(weights, goal)];
  return (Math.atan2(Math.abs(step[0] * way[1] - step[1] * way[0]), dot(step, way)) * 180) / Math.PI;
}

/** The lines of equal loss are ellipses: the angle of their short axis in degrees, and the two radii of the line of loss 1. */
export function ellipse([[a, b], [, c]]) {
  const [middle, half] = [(a + c) / 2, Math.hypot((a - c) / 2, b)];
  return { angle: (Math.atan2(2 * b, a - c) * 90) / Math.PI, radii: [middle + half, middle - half].map((bend) => Math.sqrt(2 / bend)) };
}

function short(value) {
  return plain(Math.abs(value) < 1e-6 ? 0 : Number(value.toPrecision(3)));
}

const pair = (values) => `(${values.map(short).join(", ")})`;
const named = (weights) => `w₀ = ${short(weights[0])}, w₁ = ${short(weights[1])}`;

/** An SVG element. */
function draw_(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The values of some traits by their names. */
function traits(model, ...names) {
  return Object.fromEntries(names.map((name) => [name, model.get(name)]));
}

const SIDE = 320;
// The keys move the start by this much; a click is rounded to it.
const STEP = 0.25;

/** An arrow from a point by a step, if the step is long enough to be seen. */
function arrow([left, top], step) {
  const long = Math.hypot(...step);
  if (long < 3) return [];
  const head = Math.min(14, long);
  const [u, v] = step.map((part) => part / long);
  const tip = [left + step[0], top + step[1]];
  const back = [tip[0] - u * head, tip[1] - v * head];
  const wing = (side) => [back[0] - (side * v * head) / 2, back[1] + (side * u * head) / 2];
  const d = `M${[left, top]}L${back}`;
  return [draw_("path", { class: "halo", d }), draw_("path", { class: "arrow", d }), draw_("polygon", { class: "arrow-head", points: [tip, wing(1), wing(-1)].join(" ") })];
}

/** The landscape as an SVG, and what moves in it. */
function landscape(land, { levels, labels, bands }) {
  const { curvature, goal, corner, span } = land;
  const unit = SIDE / span;
  const x = (weight) => (weight - corner[0]) * unit;
  const y = (weight) => SIDE - (weight - corner[1]) * unit;
  const { angle, radii } = ellipse(curvature);
  const line = (height, attributes) => {
    const [rx, ry] = radii.map((radius) => radius * Math.sqrt(height) * unit);
    return draw_("ellipse", { cx: x(goal[0]), cy: y(goal[1]), rx, ry, transform: `rotate(${-angle} ${x(goal[0])} ${y(goal[1])})`, ...attributes });
  };
  const clip = `landscape-${++made}`;
  const [level, moving] = [draw_("g"), draw_("g")];
  const inside = draw_("g", { "clip-path": `url(#${clip})` }, draw_("rect", { width: SIDE, height: SIDE, fill: bands.at(-1) }));
  const lines = levels.map((height, place) => line(height, { class: "equal", fill: bands[place] }));
  const texts = levels.map((height) => {
    const far = Math.sqrt(height / loss(curvature, [0, 0], labels));
    return draw_("text", { class: "level", x: x(goal[0] + far * labels[0]), y: y(goal[1] + far * labels[1]) + 4 }, plain(height));
  });
  inside.append(...lines.reverse(), level, ...texts, moving);
  const whole = (low) => Array.from({ length: Math.floor(span) + 1 }, (_, i) => Math.ceil(low) + i).filter((tick) => tick <= low + span);
  const scale = [
    ...whole(corner[0]).flatMap((tick) => [draw_("path", { d: `M${x(tick)} ${SIDE}v5` }), draw_("text", { x: x(tick), y: SIDE + 18 }, plain(tick))]),
    ...whole(corner[1]).flatMap((tick) => [draw_("path", { d: `M0 ${y(tick)}h-5` }), draw_("text", { x: -14, y: y(tick) + 4 }, plain(tick))]),
    draw_("text", { x: SIDE / 2, y: SIDE + 36 }, "weight w₀"),
    draw_("text", { x: -SIDE / 2, y: -28, transform: "rotate(-90)" }, "weight w₁"),
  ];
  const svg = draw_(
    "svg",
    { viewBox: `-44 -4 ${SIDE + 48} ${SIDE + 46}`, "aria-hidden": "true" },
    draw_("clipPath", { id: clip }, draw_("rect", { width: SIDE, height: SIDE })),
    inside,
    draw_("rect", { class: "border", width: SIDE, height: SIDE }),
    draw_("g", { class: "scale" }, ...scale),
  );
  /** The weights at a place of the page, or nothing outside the landscape. */
  const at = (event) => {
    const { x: right, y: down } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    if (Math.min(right, down) < 0 || Math.max(right, down) > SIDE) return null;
    return [corner[0] + right / unit, corner[1] + (SIDE - down) / unit];
  };
  const show = (path, next) => {
    const points = path.map(([w0, w1]) => [x(w0), y(w1)]);
    const [here, goalAt] = [points.at(-1), [x(goal[0]), y(goal[1])]];
    const polyline = (classes) => draw_("polyline", { class: classes, points: points.join(" ") });
    level.replaceChildren(line(loss(curvature, goal, path.at(-1)), { class: "equal now", fill: "none" }));
    const old = points.length > 30 ? 2 : 3.5;
    moving.replaceChildren(
      draw_("path", { class: "way", d: `M${here}L${goalAt}` }),
      polyline("halo"),
      polyline("path"),
      ...arrow(here, difference([x(next[0]), y(next[1])], here)),
      ...points.map(([cx, cy], place) => draw_("circle", { cx, cy, r: place === points.length - 1 ? 5.5 : old, class: "been" })),
      draw_("text", { class: "goal", x: goalAt[0], y: goalAt[1] + 7 }, "★"),
    );
  };
  return { svg, at, show };
}

function render({ model, el }) {
  const { controls, panels, told } = frame(
    el,
    "Downhill in the landscape of the loss",
    "★ is the goal, the numbers on the lines are losses, and the arrow is the next step. Dashed: where the loss is as large as here. Dotted: straight to the goal. A click in the landscape or its arrow keys choose another start, <kbd>Enter</kbd> takes a step.",
  );
  const land = traits(model, "curvature", "goal", "corner", "span", "near", "most");
  const { curvature, goal, corner, span } = land;
  const image = model.get("image");
  const [low, high] = model.get("rates");
  const go = (steps) => change(model, { path: walked(land, model.get("path"), model.get("rate"), steps) });
  const begin = (weights) => change(model, { path: [weights.map((weight, axis) => clamp(Math.round(weight / STEP) * STEP, corner[axis], corner[axis] + span))] });

  const slide = slider(controls, "", low, high, 0.01, (rate) => change(model, { rate }));
  const rateText = slide.previousSibling;
  const one = button(controls, "step", () => go(1));
  const ten = button(controls, "10 steps", () => go(10));
  const again = button(controls, "start again", () => change(model, { path: [model.get("path")[0]] }));

  const view = landscape(land, traits(model, "levels", "labels", "bands"));
  const box = create("div", { class: "landscape", tabindex: 0, role: "application", "aria-label": "landscape of the loss: arrow keys move the start, Enter takes a step" }, view.svg);
  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const move = ARROWS[event.key];
    if (!move && event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const [first] = model.get("path");
    if (move) begin([first[0] + move[1] * STEP, first[1] - move[0] * STEP]);
    else go(1);
  });
  box.addEventListener("click", (event) => {
    const weights = view.at(event);
    if (weights) begin(weights);
    box.focus({ preventScroll: true });
  });
  const { heading } = panel(panels, "", box);
  const grids = create("div", { class: "four" });
  const [picture, map, kernel, target] = [["input", "picture"], ["output", "map now"], ["kernel", "kernel"], ["output", "target map"]].map(([role, name]) => {
    const grid = new Grid(role, name);
    panel(grids, name, grid.table);
    return grid;
  });
  panels.append(grids);

  const numbers = (grid, rows, scale) => grid.draw(rows.length, rows[0].length, (i, j) => ({ text: plain(Math.round(rows[i][j] * scale) / scale) }));
  const draw = () => {
    const { path, rate } = traits(model, "path", "rate");
    const [weights, before] = [path.at(-1), path.at(-2)];
    const end = ending(land, path);
    const [now, slope] = [loss(curvature, goal, weights), gradient(curvature, goal, weights)];
    slide.value = String(rate);
    rateText.textContent = `learning rate ${short(rate)}`;
    one.disabled = ten.disabled = Boolean(end);
    again.disabled = path.length === 1;
    heading.textContent = `loss: ${short(now)}`;
    view.show(path, end ? weights : weights.map((weight, axis) => weight - rate * slope[axis]));
    numbers(picture, image, 10);
    numbers(kernel, [weights], 100);
    numbers(map, correlate(image, [weights]), 10);
    numbers(target, correlate(image, [goal]), 10);

    const sentences = [];
    if (before) {
      const old = loss(curvature, goal, before);
      const verdict = now < old ? `The loss fell from ${short(old)} to ${short(now)}.` : `The loss rose from ${short(old)} to ${short(now)}: the step was too long.`;
      sentences.push(`Step ${path.length - 1}: at ${named(before)} the gradient was ${pair(gradient(curvature, goal, before))}. The step led to ${named(weights)}. ${verdict}`);
    } else sentences.push(`Start: ${named(weights)}. The loss is ${short(now)}.`);
    const degrees = Math.round(beside(curvature, goal, weights));
    const said = {
      arrived: `Arrived${before ? ` after ${many(path.length - 1, "step")}` : ""}: the loss is below ${short(land.near)}.`,
      lost: "The path has left the picture, and is higher than where it began. Start again with a smaller rate.",
      long: `${many(path.length - 1, "step")}, and not there yet. Start again with another rate.`,
      "": `The gradient here is ${pair(slope)}. The next step is −${short(rate)} times that, ${pair(slope.map((part) => -rate * part))}: the arrow points ${degrees ? `${degrees}° away from` : "straight at"} the goal.`,
    };
    tell(told, [...sentences, said[end]]);
  };
  return follow(model, draw);
}

export default { render };
