"use strict";
// The drift heat map, and the two distributions behind each cell.

const driftState = {};
const ANY = "";

function drawDrift(body, report, view, redraw) {
  const all = report.drift.grids.filter(g => inView(g, view));
  if (all.length === 0) {
    body.append(missing(report, "drift_statistics", `No drift of ${view.model} was measured for ${companyName(view.company)}.`));
    return;
  }
  const state = driftState;
  const versions = distinct(all, g => g.version).sort(d3.descending);
  settle(state, "version", versions);
  const references = distinct(all.filter(g => g.version === state.version), g => g.reference).sort(d3.descending);
  settle(state, "reference", references);
  const lengths = distinct(all.filter(g => g.version === state.version && g.reference === state.reference), g => g.length).sort(d3.descending);
  settle(state, "length", lengths);
  const grid = all.find(g => g.version === state.version && g.reference === state.reference && g.length === state.length);
  const methods = [ANY, ...distinct(grid.cells.flatMap(c => c[4]), s => s[0]).sort(byName)];
  settle(state, "method", methods);
  const shown = heatOf(grid, state.method);
  const behind = el("div", {id: "behind", class: "panel", "aria-live": "polite"});
  const show = cell => behind.replaceChildren(...behindCell(cell, grid, report));
  body.append(el("p", {class: "lead"}, "Colour is the drift score by its threshold. An input has drifted where the score passes both the threshold and what chance alone reaches once in a thousand windows."),
    choices(state, redraw, [
      {key: "version", label: "Version", options: versions.map(value => ({value, name: versionName(value)}))},
      {key: "reference", label: "Against", options: references.map(value => ({value, name: REFERENCES[value] || value}))},
      {key: "length", label: "Window", options: lengths.map(value => ({value, name: lengthName(value)}))},
      {key: "method", label: "Statistic", options: methods.map(value => ({value, name: value === ANY ? "the highest of all" : methodName(value)}))},
    ]) || "",
    el("div", {class: "panel long"}, shareChart(report, grid) || "", heatKey(), heatMap(shown, grid, show), heatTable(shown, grid)),
    behind, ...[note(report.drift.cut)].filter(given));
  const first = worst(shown.cells);
  if (first) {
    show(first);
    press(first);
  } else behind.remove();
}

/** Of each cell the statistic that colours it. */
function heatOf(grid, method) {
  const cells = grid.cells.map(([feature, start, end, entities, statistics, current, expected]) => {
    const of = statistics.filter(s => method === ANY || s[0] === method).map(statisticOf);
    const top = of.length === 0 ? null : of[d3.maxIndex(of, s => (s.drifted ? 1e9 : 0) + (given(s.ratio) ? s.ratio : -1))] || of[0];
    return {feature, start, end, entities, statistics: statistics.map(statisticOf), current, expected, top};
  }).filter(c => c.top);
  const features = d3.rollups(cells, list => [d3.sum(list, c => (c.top.drifted ? 1 : 0)), d3.max(list, c => c.top.ratio) || 0], c => c.feature)
    .sort((a, b) => b[1][0] - a[1][0] || b[1][1] - a[1][1] || byName(a[0], b[0])).map(([feature]) => feature);
  return {cells, features, starts: distinct(cells, c => c.start).sort(d3.ascending), at: d3.index(cells, c => c.feature, c => c.start)};
}
function statisticOf([method, score, lower, upper, nullQuantile, threshold, p, drifted, insufficient]) {
  return {method, score, lower, upper, nullQuantile, threshold, p, drifted, insufficient,
    ratio: given(score) && threshold > 0 ? score / threshold : null};
}
function heatClass(s) {
  if (s.insufficient || !given(s.ratio)) return "few";
  return s.ratio < 0.25 ? "h0" : s.ratio < 0.5 ? "h1" : s.ratio < 1 ? "h2" : s.ratio < 2 ? "h3" : "h4";
}
function heatMark(s) {
  return s.drifted ? "◆" : s.insufficient ? "·" : given(s.score) ? "" : "–";
}
function verdict(s) {
  return s.drifted ? "drifted" : s.insufficient ? "too few entities to tell" : given(s.score) ? "not drifted" : "not defined";
}
function heatKey() {
  const step = css => el("i", {class: css});
  return el("ul", {class: "key"},
    el("li", {}, "score by threshold 0", el("span", {class: "scale"}, ["h0", "h1", "h2", "h3", "h4"].map(step)), "2 and more; orange from 1 on"),
    el("li", {}, "◆ drifted"), el("li", {}, "· too few entities"));
}
/** The worst of the newest window, or the newest that drifted at all. */
function worst(cells) {
  return [...cells].sort((a, b) => b.top.drifted - a.top.drifted || b.start - a.start || (b.top.ratio || 0) - (a.top.ratio || 0))[0];
}
function press(cell) {
  for (const button of document.querySelectorAll(".heat button")) button.setAttribute("aria-pressed", String(button.cell === cell));
}

/** A grid of buttons with one tab stop: arrows move, Enter shows the distributions. */
function heatMap(shown, grid, show) {
  const start = worst(shown.cells);
  const rows = shown.features.map(feature => shown.starts.map(t => {
    const cell = shown.at.get(feature).get(t);
    if (!cell) return el("span", {class: "blank"});
    const said = `${feature}, ${windowName(t, grid.length)}: ${verdict(cell.top)}, ${methodName(cell.top.method)} ${number(cell.top.score)}, threshold ${number(cell.top.threshold)}`;
    const button = el("button", {type: "button", class: heatClass(cell.top), "aria-label": said, title: said, tabindex: cell === start ? "0" : "-1",
      "aria-pressed": "false", "aria-controls": "behind", onclick: () => {
        show(cell);
        press(cell);
      }}, heatMark(cell.top));
    button.cell = cell;
    return button;
  }));
  const title = `${plural(shown.features.length, "input")} in ${plural(shown.starts.length, "window")} of ${lengthName(grid.length)}, those that drifted most first`;
  const table = el("table", {class: "heat", "aria-label": title},
    el("thead", {}, el("tr", {}, el("td"), shown.starts.map((t, i) => el("th", {scope: "col"}, el("span", {}, headOf(shown.starts, i, grid.length)))))),
    el("tbody", {}, shown.features.map((feature, i) => el("tr", {}, el("th", {scope: "row"}, breakable(feature)), rows[i].map(button => el("td", {}, button))))));
  table.addEventListener("keydown", event => moveWithin(event, rows));
  const scroll = el("div", {class: "scroll", role: "group", "aria-label": "Drift heat map. Arrow keys move, Enter shows the distributions."}, table);
  // The newest windows are at the right end.
  requestAnimationFrame(() => {
    scroll.scrollLeft = scroll.scrollWidth;
  });
  return el("div", {}, note(title), scroll);
}
/** Of many columns only some are named; of hours the first of a day by the day. */
function headOf(starts, i, length) {
  const every = Math.ceil(starts.length / 30);
  if ((starts.length - 1 - i) % every !== 0) return "";
  const sameDay = i >= every && DAY(starts[i - every]) === DAY(starts[i]);
  return length < DAY_MILLIS && sameDay ? CLOCK(starts[i]) : DAY(starts[i]);
}
function moveWithin(event, rows) {
  const step = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
  if (!step) return;
  const row = rows.findIndex(r => r.includes(event.target));
  let [i, j] = [row, rows[row] ? rows[row].indexOf(event.target) : -1];
  do {
    [i, j] = [i + step[0], j + step[1]];
  } while (rows[i] && rows[i][j] && rows[i][j].tagName !== "BUTTON");
  const to = rows[i] && rows[i][j];
  if (!to) return;
  event.preventDefault();
  event.target.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}
function heatTable(shown, grid) {
  const rows = [...shown.cells].sort((a, b) => b.start - a.start || byName(a.feature, b.feature));
  return folded(`Table of ${plural(rows.length, "cell")}`, () => tableOf([
    {name: "Window (UTC)", th: true, cell: c => windowName(c.start, grid.length)},
    {name: "Input", text: true, cell: c => breakable(c.feature)},
    {name: "Statistic", cell: c => methodName(c.top.method)},
    {name: "Score", n: true, cell: c => number(c.top.score)},
    {name: "Null quantile", n: true, cell: c => number(c.top.nullQuantile)},
    {name: "Threshold", n: true, cell: c => number(c.top.threshold)},
    {name: "p", n: true, cell: c => number(c.top.p)},
    {name: "Entities", n: true, cell: c => count(c.entities)},
    {name: "Verdict", cell: c => verdict(c.top)},
  ], rows, {label: "Drift"}));
}

function shareChart(report, grid) {
  const share = report.drift.shares.find(s => ["model", "version", "company", "reference", "length"].every(key => s[key] === grid[key]));
  if (!share || share.windows.length < 2) return null;
  const points = share.windows.map(([start, , value, threshold, drifted]) => ({x: start, value, reference: threshold, said: drifted ? " drifted" : ""}));
  return el("div", {}, el("h4", {}, "Share of drifted inputs; its threshold is dashed"),
    lineChart([{name: "drifted inputs", short: "", slot: 1, points}],
      {label: "Share of drifted inputs over time", format: percent, height: 110, include: [0], when: x => windowName(x, grid.length)}),
    folded(`Table of ${plural(points.length, "window")}`, () => tableOf([
      {name: "Window (UTC)", th: true, cell: p => windowName(p.x, grid.length)},
      {name: "Drifted inputs", n: true, cell: p => percent(p.value)},
      {name: "Threshold", n: true, cell: p => percent(p.reference)},
    ], [...points].reverse(), {label: "Share of drifted inputs"})));
}

/** What a cell is made of: its statistics, and current beside expected in the cells of the reference. */
function behindCell(cell, grid, report) {
  const reference = given(cell.expected) ? report.drift.references[cell.expected] : {cells: [], counts: []};
  const against = REFERENCES[grid.reference] || grid.reference;
  const sums = [d3.sum(cell.current), d3.sum(reference.counts)];
  const rows = d3.range(Math.max(cell.current.length, reference.counts.length)).map(i => ({
    name: reference.cells[i] === undefined ? `cell ${i + 1}` : reference.cells[i],
    n: cell.current[i] || 0, current: sums[0] > 0 ? (cell.current[i] || 0) / sums[0] : 0,
    m: reference.counts[i] || 0, expected: sums[1] > 0 ? (reference.counts[i] || 0) / sums[1] : 0,
  }));
  const most = d3.max(rows, r => Math.max(r.current, r.expected)) || 1;
  const bar = (share, css) => el("div", {class: "bar-of " + css, style: {width: `${(share / most) * 100}%`}});
  return [
    el("div", {class: "head"}, el("h3", {}, breakable(cell.feature)),
      el("span", {class: "aside"}, `${windowName(cell.start, grid.length)} to ${windowName(cell.end, grid.length)}, ${versionName(grid.version)}, against ${against}`)),
    el("dl", {class: "facts"}, [
      ["Verdict", el("span", {class: cell.top.drifted ? "bad" : ""}, `${heatMark(cell.top)} ${verdict(cell.top)}`.trim())],
      [methodName(cell.top.method), number(cell.top.score)],
      ["By chance once in 1,000", number(cell.top.nullQuantile)], ["Threshold", number(cell.top.threshold)],
      ["p-value", number(cell.top.p)], ["Entities", count(cell.entities)], ["Reference", against],
    ].map(([term, value]) => el("div", {}, el("dt", {}, term), el("dd", {}, value)))),
    cell.statistics.length < 2 ? "" : tableOf([
      {name: "Statistic", th: true, cell: s => methodName(s.method)},
      {name: "Score", n: true, cell: s => number(s.score)},
      {name: "Bounds", n: true, cell: s => interval(s.lower, s.upper, number)},
      {name: "Null quantile", n: true, cell: s => number(s.nullQuantile)},
      {name: "Threshold", n: true, cell: s => number(s.threshold)},
      {name: "p", n: true, cell: s => number(s.p)},
      {name: "Verdict", cell: verdict},
    ], cell.statistics, {label: "Statistics"}),
    rows.length === 0 ? nothing("The row holds no distributions.") : el("div", {},
      el("ul", {class: "key"},
        el("li", {}, swatch("var(--s0)"), `this window: ${count(sums[0])}`),
        el("li", {}, el("span", {class: "swatch bar-of expected"}), `${against}: ${count(sums[1])}`)),
      tableOf([
        {name: "Cell", th: true, cell: r => r.name},
        {name: "Distributions", css: "track", cell: r => el("div", {}, bar(r.current, "current"), bar(r.expected, "expected"))},
        {name: "Now", n: true, cell: r => count(r.n)},
        {name: "Share", n: true, cell: r => percent(r.current)},
        {name: "Expected", n: true, cell: r => count(r.m)},
        {name: "Share", n: true, cell: r => percent(r.expected)},
      ], rows, {label: "Distributions", class: "bars"})),
  ];
}
