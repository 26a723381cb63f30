"use strict";
// Model performance: one chart a metric, one line a version, the fallback's dashed beside it.

const performanceState = {};

function drawPerformance(body, report, view, redraw) {
  const all = report.performance.series.filter(s => inView(s, view));
  if (all.length === 0) {
    body.append(missing(report, "model_performance", `No figures of ${view.model} for ${companyName(view.company)}.`));
    return;
  }
  const state = performanceState;
  const lengths = distinct(all, s => s.length).sort(d3.descending);
  settle(state, "length", lengths);
  const segments = distinct(all, s => s.segment).sort(byName);
  settle(state, "segment", segments);
  const variations = distinct(all.filter(s => s.segment === state.segment), s => s.variation).sort(byName);
  settle(state, "variation", variations);
  const series = all.filter(s => s.length === state.length && s.segment === state.segment && s.variation === state.variation);
  body.append(el("p", {class: "lead"}, "By the time of the predictions. A window is provisional until the time for its labels has passed."),
    choices(state, redraw, [
      {key: "length", label: "Window", options: lengths.map(value => ({value, name: lengthName(value)}))},
      {key: "segment", label: "Segment", options: segments.map(value => ({value, name: value === "*" ? "all" : value}))},
      {key: "variation", label: "Variation", options: variations.map(value => ({value, name: value === "*" ? "all" : value}))},
    ]) || "",
    lineKey([["value", "a version"], ["reference", "what the fallback would have answered"], ["hollow", "provisional"], ["band", "bounds"]]),
    el("div", {class: "grid"}, distinct(series, s => s.metric)
      .sort((a, b) => metricPlace(a) - metricPlace(b) || byName(a, b))
      .map(name => metricPanel(name, series.filter(s => s.metric === name).sort((a, b) => a.version - b.version), state.length))),
    ...[note(report.performance.cut)].filter(given));
}

function metricPanel(name, series, length) {
  const format = formatOf(name);
  const lines = series.map(s => ({
    name: versionName(s.version), slot: slotOf(s.version),
    points: s.points.map(p => ({x: p[0], value: p[2], lower: p[3], upper: p[4], reference: p[5], hollow: p[12], said: pointSaid(p, format)})),
  }));
  const rows = series.flatMap(s => s.points.map(p => ({version: s.version, p}))).sort((a, b) => b.p[0] - a.p[0] || a.version - b.version);
  const chart = lines.some(l => l.points.some(p => given(p.value)))
    ? lineChart(lines, {
      label: `${metricName(name)} of ${lines.map(l => l.name).join(", ")} over time`, format, when: x => windowName(x, length),
      zero: metric(name).ideal, include: given(metric(name).ideal) ? [metric(name).ideal] : [],
    })
    : nothing("Not defined in any of these windows.");
  return panel(metricName(name), metricHint(name), chart,
    folded(`Table of ${plural(rows.length, "window")}`, () => tableOf([
      {name: "Window (UTC)", th: true, cell: r => windowName(r.p[0], length)},
      {name: "Version", cell: r => versionName(r.version)},
      {name: "Value", n: true, cell: r => format(r.p[2])},
      {name: "Bounds", n: true, cell: r => interval(r.p[3], r.p[4], format)},
      {name: "Fallback", n: true, cell: r => format(r.p[5])},
      {name: "Predictions", n: true, cell: r => count(r.p[6])},
      {name: "Labelled", n: true, cell: r => count(r.p[7])},
      {name: "Censored", n: true, cell: r => count(r.p[8])},
      {name: "Late", n: true, cell: r => count(r.p[9])},
      {name: "Known before", n: true, cell: r => count(r.p[10])},
      {name: "Maturity", n: true, cell: r => percent(r.p[11])},
      {name: "State", cell: r => (r.p[12] ? "provisional" : "closed")},
    ], rows, {label: metricName(name)})));
}
function pointSaid(p, format) {
  const parts = [];
  if (given(p[3]) || given(p[4])) parts.push(interval(p[3], p[4], format));
  if (given(p[5])) parts.push(`fallback ${format(p[5])}`);
  parts.push(`${count(p[7])} of ${count(p[6])} labelled`);
  if (p[12]) parts.push(`provisional, ${percent(p[11])} settled`);
  return ` (${parts.join("; ")})`;
}
