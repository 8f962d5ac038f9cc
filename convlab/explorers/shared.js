// What all explorers share: elements, grids of numbers, keys. It is prepended to each explorer's own script.

/** An element with attributes and children: `create("p", { class: "told" }, "text")`. */
function create(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A number formatted for people: at most six digits, and a real minus sign. */
export function plain(value) {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

/** A factor or term: negative numbers in parentheses. */
export function factor(value) {
  return value < 0 ? `(${plain(value)})` : plain(value);
}

export function many(count, noun) {
  return `${plain(count)} ${noun}${count === 1 ? "" : "s"}`;
}

export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/** The 2-D valid cross-correlation: rows of numbers. */
export function correlate(image, kernel) {
  const height = image.length - kernel.length + 1;
  const width = image[0].length - kernel[0].length + 1;
  const sum = (row, column) =>
    kernel.reduce((total, line, u) => total + line.reduce((part, weight, v) => part + weight * image[row + u][column + v], 0), 0);
  return Array.from({ length: height }, (_, row) => Array.from({ length: width }, (_, column) => sum(row, column)));
}

// Counts on for ids, which must be unique on a page: each explorer on it has a copy of this script.
let made = Math.floor(1e9 * Math.random());

/** The frame of an explorer: name, controls, panels, status text, help. Keys do not leave it, since JupyterLab takes letters and arrows as commands. */
function frame(el, name, help) {
  const parts = {
    controls: create("div", { class: "controls" }),
    panels: create("div", { class: "panels" }),
    told: create("div", { class: "told", role: "status", "aria-live": "polite" }),
  };
  const title = create("p", { class: "name", id: `explorer-${++made}` }, name);
  const root = create("div", { class: "explorer", role: "group", "aria-labelledby": title.id }, title, parts.controls, parts.panels, parts.told);
  const line = create("p", { class: "help" });
  line.innerHTML = help;
  root.append(line);
  root.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape" || (event.shiftKey && event.key === "Enter");
    if (!command) event.stopPropagation();
  });
  el.replaceChildren(root);
  return { root, ...parts };
}

/** Status sentences for everybody: the ARIA live region is visible, and changes only when its text does. */
function tell(told, sentences) {
  if (told.textContent !== sentences.join("")) told.replaceChildren(...sentences.map((sentence) => create("p", {}, sentence)));
}

function panel(parts, title, ...children) {
  const heading = create("p", { class: "part-name" }, title);
  const box = create("div", { class: "part" }, heading, ...children);
  parts.append(box);
  return { box, heading };
}

function control(parts, text, input) {
  parts.append(create("label", { class: "control" }, create("span", {}, text), input));
  return input;
}

function button(parts, text, onClick) {
  const made = create("button", { type: "button" }, text);
  made.addEventListener("click", onClick);
  parts.append(made);
  return made;
}

function choice(parts, text, options, onChange) {
  const select = create("select", {}, ...options.map(([value, name]) => create("option", { value }, name)));
  select.addEventListener("change", () => onChange(select.value));
  return control(parts, text, select);
}

/** A field for a number: an invalid entry changes nothing and is corrected when the field loses focus. */
function number(attributes, onChange) {
  const input = create("input", { type: "number", step: "any", ...attributes });
  input.addEventListener("input", () => {
    const right = input.value !== "" && input.validity.valid;
    input.setAttribute("aria-invalid", String(!right));
    if (right) {
      input.dataset.value = input.value;
      onChange(Number(input.value));
    }
  });
  input.addEventListener("change", () => {
    input.value = input.dataset.value ?? input.value;
    input.setAttribute("aria-invalid", "false");
  });
  return input;
}

/** A field for a whole number between two bounds. */
function whole(parts, text, low, high, onChange) {
  return control(parts, `${text} (${low} to ${high})`, number({ min: low, max: high, step: 1, inputmode: "numeric" }, onChange));
}

/** Show a number in a field, unless the user is typing in it. */
function put(input, value) {
  input.dataset.value = String(value);
  if (Number(input.value) !== value || input.value === "") input.value = String(value);
}

function slider(parts, text, low, high, step, onChange) {
  const input = create("input", { type: "range", min: low, max: high, step });
  input.addEventListener("input", () => onChange(Number(input.value)));
  return control(parts, text, input);
}

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** A copy of a trait's bytes as a list of numbers. */
function bytes(view) {
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}

/** The gray level, 0 to 255, of each number: black is 0 or, if any are negative, the negative of the number shown as white. */
export function grays(rows) {
  const numbers = rows.flat();
  const peak = Math.max(...numbers.map(Math.abs)) || 1;
  const low = Math.min(...numbers) < 0 ? -peak : 0;
  return { low, peak, of: (value) => Math.round((255 * (value - low)) / (peak - low)) };
}

/** A CSS color of levels from 0 to 255: of one level a gray. */
function rgb(red, green = red, blue = red) {
  return `rgb(${red} ${green} ${blue})`;
}

// Grids with more columns are shown as gray pixels, since numbers would not fit.
const MOST_NUMBERS = 9;

/**
 * A table of numbers in one role's color, or of gray pixels. With `onStep` and `onPick` it is a grid that takes the focus as a whole:
 * arrows step, Home and End go to the ends of the row, with Ctrl to those of the grid; a pointer picks a cell.
 */
class Grid {
  constructor(role, label, { onStep, onPick, hover = true } = {}) {
    this.table = create("table", { class: `grid as-${role}`, "aria-label": label });
    this.key = `cells-${++made}`;
    this.cells = [];
    this.interactive = Boolean(onStep);
    if (!this.interactive) return;
    this.table.classList.add("interactive");
    this.table.setAttribute("role", "grid");
    this.table.tabIndex = 0;
    this.table.addEventListener("keydown", (event) => {
      const far = 1000;
      const ends = { Home: [event.ctrlKey ? -far : 0, -far], End: [event.ctrlKey ? far : 0, far] };
      const step = ARROWS[event.key] ?? ends[event.key];
      if (!step || event.altKey || event.metaKey || event.shiftKey || (event.ctrlKey && !ends[event.key])) return;
      event.preventDefault();
      event.stopPropagation();
      onStep(...step);
    });
    const pick = (event) => {
      const cell = event.target.closest("td");
      if (cell && event.pointerType !== "touch") onPick(cell.parentNode.rowIndex, cell.cellIndex);
    };
    if (hover) this.table.addEventListener("pointerover", pick);
    this.table.addEventListener("click", (event) => {
      const cell = event.target.closest("td");
      if (cell) onPick(cell.parentNode.rowIndex, cell.cellIndex);
      this.table.focus({ preventScroll: true });
    });
  }

  /** `look(row, column)` gives `{ text, small, classes, label, paint }` of a cell; `here` is the cell that the keys have reached. */
  draw(height, width, look, here = null) {
    if (this.cells.length !== height || this.cells[0].length !== width) this.build(height, width);
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const { text = "", small = "", classes = [], label = "", paint = "" } = look(row, column);
        const cell = this.cells[row][column];
        const long = text.length > 4 || small.length > 5;
        const marked = Boolean(here) && here[0] === row && here[1] === column;
        const seen = [text, small, classes.join(" "), label, paint, marked].join("|");
        if (cell.dataset.seen === seen) continue;
        cell.dataset.seen = seen;
        cell.replaceChildren(text, ...(small ? [create("small", {}, small)] : []));
        cell.className = [...classes, ...(long ? ["long"] : [])].join(" ");
        cell.style.background = paint;
        if (label) cell.setAttribute("aria-label", label);
        else cell.removeAttribute("aria-label");
        if (this.interactive) cell.setAttribute("aria-selected", String(marked));
      }
    }
    if (this.interactive && here) this.table.setAttribute("aria-activedescendant", this.cells[here[0]][here[1]].id);
  }

  build(height, width) {
    this.table.style.setProperty("--columns", width);
    this.table.classList.toggle("pixels", width > MOST_NUMBERS);
    if (width > 6) this.table.style.setProperty("--largest", "2.1rem");
    this.cells = Array.from({ length: height }, (_, row) =>
      Array.from({ length: width }, (_, column) => {
        const cell = create("td", { id: `${this.key}-${row}-${column}` });
        if (this.interactive) cell.setAttribute("role", "gridcell");
        return cell;
      }),
    );
    const rows = this.cells.map((cells) => create("tr", this.interactive ? { role: "row" } : {}, ...cells));
    this.table.replaceChildren(create("tbody", this.interactive ? { role: "rowgroup" } : {}, ...rows));
  }
}

/** The classes that draw a thick frame around the rectangle of cells that begins at (top, left). */
function framed(row, column, top, left, height, width) {
  if (row < top || row >= top + height || column < left || column >= left + width) return [];
  const sides = { top: row === top, bottom: row === top + height - 1, left: column === left, right: column === left + width - 1 };
  return Object.keys(sides).filter((side) => sides[side]).map((side) => `frame-${side}`);
}

/** Change traits of the model, at once in the page and, if a kernel is running, in Python. */
function change(model, values) {
  for (const [name, value] of Object.entries(values)) model.set(name, value);
  model.save_changes();
}

/** Draw now and whenever a trait changes; the returned function removes the listener. */
function follow(model, draw) {
  draw();
  model.on("change", draw);
  return () => model.off("change", draw);
}
