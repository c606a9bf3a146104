// Charts lie over the grid. The server has drawn them; here they get their place.

import { make } from "./config.js";
import { picture } from "./styles.js";

/** Put a grid's charts to where their cells are now. */
export function drawCharts(grid) {
  const { sheet, over } = grid;
  const state = `${sheet.stamp}:${grid.frozenColumns}:${grid.side}`;
  if (over.charts === grid.charts && over.state === state) return;
  if (over.charts !== grid.charts) over.replaceChildren(...grid.charts.map(drawn));
  over.charts = grid.charts;
  over.state = state;
  grid.charts.forEach((chart, index) => {
    const { style, classList } = over.children[index];
    style.left = `${grid.side + sheet.columns.start(chart.column) + chart.x}px`;
    style.top = `${24 + sheet.rows.start(chart.row) + chart.y}px`;
    style.width = `${chart.width}px`;
    style.height = `${chart.height}px`;
    classList.toggle("above", chart.column < grid.frozenColumns);
  });
}

function drawn(chart) {
  const figure = make("figure", { className: `chart legend-${chart.legend}`, role: "img", ariaLabel: chart.label });
  figure.style.cssText = chart.css;
  const body = make("div", { className: "chart-body" });
  if (chart.keys.length) body.append(make("div", { className: "keys" }, ...chart.keys.map(key)));
  if (chart.message) body.append(make("p", { className: "message" }, chart.message));
  else if (chart.score) body.append(make("p", { className: "score" }, chart.score, make("small", {}, chart.change)));
  else body.append(make("img", { className: "plot", src: picture(chart.svg), alt: "", draggable: false }));
  figure.append(...[heading(chart.title, chart.titleCss), heading(chart.subtitle, chart.subtitleCss)].filter(Boolean), body);
  return figure;
}

function heading(text, css) {
  if (!text) return null;
  const made = make("div", { className: "chart-title" }, text);
  made.style.cssText = css;
  return made;
}

function key({ name, colour, mark }) {
  const sample = make("i", { className: `key ${mark}` });
  sample.style.color = colour;
  return make("span", {}, sample, name);
}
