"use strict";
// Calibration curves: what was foretold against what came, by tenths of the score.

const calibrationState = {newest: true};

function drawCalibration(body, report, view, redraw) {
  const all = report.calibration.curves.filter(c => inView(c, view));
  if (all.length === 0) {
    body.append(missing(report, "model_performance",
      `No closed window of ${view.model} for ${companyName(view.company)} has the metric ece, which holds the tenths of a calibration curve.`));
    return;
  }
  const state = calibrationState;
  const lengths = distinct(all, c => c.length).sort(d3.descending);
  settle(state, "length", lengths);
  settle(state, "newest", [true, false]);
  const curves = all.filter(c => c.length === state.length && c.newest === state.newest);
  body.append(el("p", {class: "lead"}, "On the diagonal a score of 30 % comes true in 30 of 100 cases. Bars are 95 % intervals (Wilson), points grow with their labels."),
    choices(state, redraw, [
      {key: "newest", label: "Labels of", options: [{value: true, name: "the newest closed window"}, {value: false, name: "all closed windows"}]},
      {key: "length", label: "Window", options: lengths.map(value => ({value, name: lengthName(value)}))},
    ]) || "",
    el("div", {class: "grid"}, curves.map(calibrationPanel)));
}

function calibrationPanel(curve) {
  const bins = curve.bins.map(([from, n, score, label, lower, upper]) => ({from, n, score, label, lower, upper}));
  return panel(versionName(curve.version),
    `${count(d3.sum(bins, b => b.n))} labels, ${curve.windows === 1 ? windowName(curve.from, curve.length) : `${count(curve.windows)} windows since ${windowName(curve.from, curve.length)}`}`,
    figure(width => drawCurve(bins, slotOf(curve.version), width)),
    folded("Table of tenths", () => tableOf([
      {name: "Scores from", th: true, cell: b => percent(b.from)},
      {name: "Labels", n: true, cell: b => count(b.n)},
      {name: "Mean score", n: true, cell: b => percent(b.score)},
      {name: "Came true", n: true, cell: b => percent(b.label)},
      {name: "95 % interval", n: true, cell: b => interval(b.lower, b.upper, percent)},
    ], bins, {label: "Tenths"})));
}
function drawCurve(bins, slot, width) {
  const side = Math.min(width, 340), box = {left: 48, right: side - 12, top: 8, bottom: side - 44};
  const x = d3.scaleLinear([0, 1], [box.left, box.right]);
  const y = d3.scaleLinear([0, Math.max(1, d3.max(bins, b => b.label))], [box.bottom, box.top]);
  const r = d3.scaleSqrt([0, d3.max(bins, b => b.n)], [2, 8]);
  const svg = shape("svg", {viewBox: `0 0 ${width} ${side}`, role: "img", "aria-label": "Calibration: " +
    bins.map(b => `scored ${percent(b.score)}, came true ${percent(b.label)}`).join("; ")});
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    svg.append(shape("line", {class: "grid-line", x1: box.left, x2: box.right, y1: y(tick), y2: y(tick)}),
      shape("text", {x: box.left - 6, y: y(tick), dy: "0.32em", "text-anchor": "end"}, percent(tick)),
      shape("text", {x: x(tick), y: box.bottom + 16, "text-anchor": "middle"}, percent(tick)));
  }
  svg.append(shape("text", {x: (box.left + box.right) / 2, y: side - 8, "text-anchor": "middle"}, "scored; up: came true"),
    shape("line", {class: "reference", stroke: "var(--neutral)", x1: x(0), y1: y(0), x2: x(1), y2: y(1)}),
    shape("path", {class: "line", stroke: colourOf(slot), d: d3.line(b => x(b.score), b => y(b.label))(bins)}));
  for (const b of bins) {
    svg.append(shape("line", {stroke: colourOf(slot), opacity: 0.6, x1: x(b.score), x2: x(b.score), y1: y(b.lower), y2: y(b.upper)}),
      shape("circle", {cx: x(b.score), cy: y(b.label), r: r(b.n), fill: colourOf(slot)},
        shape("title", {}, `${count(b.n)} labels: scored ${percent(b.score)}, came true ${percent(b.label)}`)));
  }
  return svg;
}
