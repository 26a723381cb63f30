"use strict";
// Draws the page from its data, and again when another model or company is chosen.

const report = JSON.parse(document.getElementById("data").textContent);
const view = {model: report.sources.models[0], company: "*"};
const DRAWN = {
  glance: drawGlance, served: drawServed, performance: drawPerformance, calibration: drawCalibration, drift: drawDrift,
  importance: drawImportance, experiments: drawExperiments, quality: drawQuality, alerts: drawAlerts, tables: drawTables,
};

/** Whether a row is of the model and the company that are shown. */
function inView(row, shown) {
  return row.model === shown.model && row.company === shown.company;
}
/** A version keeps its colour on the whole page. */
function slotOf(version) {
  return version === 0 ? -1 : versionsOf(view.model).indexOf(version);
}
function versionsOf(model) {
  const rows = [...report.performance.series, ...report.drift.grids, ...report.served.volumes, ...report.importance.versions, ...report.calibration.curves];
  const served = report.served.rollouts.filter(r => r.model === model).flatMap(r => [r.champion, r.challenger, ...r.shadows]);
  return distinct([...rows.filter(r => r.model === model).map(r => r.version), ...served], v => v).filter(v => given(v) && v !== 0).sort(d3.ascending);
}
/** Why a section has nothing to show: no table, no rows, or none of what is chosen. */
function missing(from, name, otherwise) {
  const table = from.sources.tables.find(t => t.table === name);
  if (!table.there) return nothing(`The lake has no table ${name}: ${table.filled_by}.`);
  return nothing(table.rows === 0 ? `The table ${name} has no row in this range: ${table.filled_by}.` : otherwise);
}

function drawTables(body, from) {
  body.append(el("div", {class: "panel"}, tableOf([
    {name: "Table", th: true, cell: t => t.table},
    {name: "Rows", n: true, cell: t => (t.there ? count(t.rows) : "no such table")},
    {name: "From (UTC)", cell: t => instant(t.from)},
    {name: "To", cell: t => instant(t.to)},
    {name: "Filled", text: true, cell: t => t.filled_by},
  ], from.sources.tables, {label: "Tables"})),
  ...[note(from.sources.companies_left_out > 0
    ? `To choose from are the ${count(from.sources.companies.length)} companies with the most predictions; ${count(from.sources.companies_left_out)} more count in all companies together.` : null)].filter(given));
}

function drawSection(name) {
  const body = document.querySelector(`#${name} .body`);
  body.replaceChildren();
  try {
    DRAWN[name](body, report, view, () => drawSection(name));
  } catch (failure) {
    body.append(nothing(`This section cannot be drawn: ${failure.message}`));
    console.error(failure);
  }
}
function drawPage() {
  Object.keys(DRAWN).forEach(drawSection);
}

/** From the first to the last row in event time; what is dated by a clock counts where there is nothing else. */
function spanOf(from) {
  const dated = from.sources.tables.filter(t => given(t.from));
  const events = dated.filter(t => t.table !== "dead_letters" && t.table !== "rollouts");
  const spans = events.length > 0 ? events : dated;
  return [given(from.from) ? from.from : d3.min(spans, t => t.from), given(from.to) ? from.to : d3.max(spans, t => t.to)];
}
function drawHead() {
  const [from, to] = spanOf(report);
  const there = report.sources.tables.filter(t => t.there);
  document.getElementById("about").append(
    "Lake ", el("strong", {}, report.lake), ", ", el("strong", {}, given(from) ? `${instant(from)} to ${instant(to)}` : "no rows"), " (UTC). Made ",
    `${instant(report.made_at)} from ${plural(there.length, "table")} with ${plural(d3.sum(there, t => t.rows), "row")}; `,
    el("a", {href: "#tables"}, "which ones"), ".");
  document.getElementById("filters").append(
    choice("Model", (report.sources.models.length > 0 ? report.sources.models : ["none"]).map(value => ({value, name: value})), view.model, value => {
      view.model = value;
      drawPage();
    }),
    choice("Company", ["*", ...report.sources.companies].map(value => ({value, name: companyName(value)})), view.company, value => {
      view.company = value;
      drawPage();
    }));
  document.getElementById("filters").addEventListener("submit", event => event.preventDefault());
  document.getElementById("sections").append(el("ul", {}, Object.keys(DRAWN).map(name =>
    el("li", {}, el("a", {href: "#" + name}, document.getElementById(`${name}-title`).textContent)))));
}

/** On paper nothing can be opened: all that is folded is shown, and folded again afterwards. */
function unfold(printing) {
  for (const details of document.querySelectorAll("details")) {
    if (printing) {
      details.wasOpen = details.open;
      details.make();
      details.open = true;
    } else if (details.wasOpen !== undefined) details.open = details.wasOpen;
  }
}
const paper = matchMedia("print");
paper.addEventListener("change", event => unfold(event.matches));

view.model = given(view.model) ? view.model : "none";
drawHead();
drawPage();
if (paper.matches) unfold(true);
