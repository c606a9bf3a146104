// What the server put into the shell, and the page's words.

export const config = JSON.parse(document.body.dataset.config);

/** The words under a name, with what is put in: say("selected", { range: "A1:B2" }). */
export function say(name, values = {}) {
  return config.words[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

export const element = (id) => document.getElementById(id);

/** A new element: make("div", { className: "cell", role: "gridcell" }, "text"). */
export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
