// What an explorer needs of Jupyter: a model that keeps its traits and says when one changes. Its own script adds it to `explorers`.

window.convlab = { explorers: {} };

class ExplorerModel {
  #traits;
  #listeners = new Map();

  constructor(traits) {
    this.#traits = new Map(Object.entries(traits));
  }

  get(name) {
    return this.#traits.get(name);
  }

  set(name, value) {
    if (Object.is(value, this.get(name))) return;
    this.#traits.set(name, value);
    for (const event of [`change:${name}`, "change"]) this.#heard(event).forEach((listener) => listener());
  }

  on(event, listener) {
    this.#listeners.set(event, [...this.#heard(event), listener]);
  }

  off(event, listener) {
    this.#listeners.set(event, listener ? this.#heard(event).filter((other) => other !== listener) : []);
  }

  /** Nobody else has a copy. */
  save_changes() {}

  #heard(event) {
    return this.#listeners.get(event) ?? [];
  }
}

/** Let an explorer take the place of its picture; whatever fails, the picture stays. */
function enliven(place) {
  const { traits, bytes } = JSON.parse(place.querySelector("script").textContent);
  for (const [name, text] of Object.entries(bytes)) traits[name] = new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
  convlab.explorers[place.dataset.explorer].render({ model: new ExplorerModel(traits), el: place.querySelector(".alive > div") });
  place.classList.add("answers");
}

document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll("[data-explorer]")) {
    try {
      enliven(place);
    } catch (error) {
      console.error(error);
    }
  }
});
