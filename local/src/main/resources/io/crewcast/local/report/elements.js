"use strict";
// Elements of the page. Texts of the data become text nodes and attributes, never markup.

const SVG = "http://www.w3.org/2000/svg";

function attributes(element, given) {
  for (const [name, value] of Object.entries(given || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, to] of Object.entries(value)) element.style.setProperty(key, to);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}
function el(tag, given, ...children) {
  const element = attributes(document.createElement(tag), given);
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}
function shape(tag, given, ...children) {
  const element = attributes(document.createElementNS(SVG, tag), given);
  element.append(...children);
  return element;
}
function note(text) {
  return text ? el("p", {class: "note"}, text) : null;
}
function nothing(text) {
  return el("p", {class: "nothing"}, text);
}
function panel(title, aside, ...children) {
  return el("div", {class: "panel"},
    el("div", {class: "head"}, el("h3", {}, title), aside ? el("span", {class: "aside"}, aside) : null),
    ...children);
}
function swatch(colour) {
  return el("span", {class: "swatch", style: {background: colour}, "aria-hidden": "true"});
}

/** A name that may break after its dots and underscores, not within a word. */
function breakable(name) {
  return el("span", {}, name.split(/(?<=[._:/])/).flatMap(part => [part, el("wbr")]).slice(0, -1));
}

/** A table; a column is {name, n: true for numbers, th: true for what names the row, css, cell: row => text or node}. */
function tableOf(columns, rows, given) {
  return el("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": (given && given.label) || "Table"},
    el("table", {class: given && given.class},
      el("thead", {}, el("tr", {}, columns.map(c => el("th", {scope: "col", class: c.n ? "n" : null}, c.name)))),
      el("tbody", {}, rows.map(row => el("tr", {}, columns.map(c => {
        const cell = c.cell(row);
        return c.th
          ? el("th", {scope: "row"}, cell)
          : el("td", {class: c.n ? "n" : c.text ? "text" : c.css}, given && given.empty && cell === NONE ? "" : cell);
      }))))));
}

/** What is made only once it is opened, or printed: a long table beside each chart. */
function folded(summary, make) {
  const details = el("details", {}, el("summary", {}, summary));
  details.make = () => {
    details.make = () => {};
    details.append(make());
  };
  details.addEventListener("toggle", () => details.open && details.make());
  return details;
}

/** A list to choose from. */
function choice(label, options, chosen, then) {
  const select = el("select", {onchange: () => then(options[select.selectedIndex].value)},
    options.map(o => el("option", {}, o.name)));
  select.selectedIndex = Math.max(0, options.findIndex(o => o.value === chosen));
  return el("label", {class: "choice"}, label, select);
}

/** Choices of a section, each only where there is something to choose. */
function choices(state, redraw, list) {
  const shown = list.filter(c => c.options.length > 1);
  return shown.length === 0
    ? null
    : el("div", {class: "controls"}, shown.map(c =>
        choice(c.label, c.options, state[c.key], value => {
          state[c.key] = value;
          redraw();
        })));
}
/** Keeps what was chosen where it is still to be had, else takes the first. */
function settle(state, key, values) {
  if (!values.includes(state[key])) state[key] = values[0];
  return state[key];
}
function distinct(rows, of) {
  return [...new Set(rows.map(of))];
}
