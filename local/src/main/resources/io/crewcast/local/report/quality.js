"use strict";
// Data quality: measures of stream and inputs, and the records that could not be used.

const qualityState = {};

function drawQuality(body, report, view, redraw) {
  const all = report.quality.measures.filter(m => m.company === view.company && (m.model === "*" || m.model === view.model));
  if (all.length === 0) {
    body.append(missing(report, "drift_statistics", `No measure of data quality of ${view.model} for ${companyName(view.company)}.`));
  } else {
    const lengths = distinct(all, m => m.length).sort(d3.descending);
    settle(qualityState, "length", lengths);
    const measures = all.filter(m => m.length === qualityState.length).map(measureOf);
    const notable = m => m.over || m.model === "*";
    const loud = measures.filter(notable).sort((a, b) => b.last.over - a.last.over || b.over - a.over || byName(a.feature, b.feature));
    const quiet = measures.filter(m => !notable(m));
    body.append(el("p", {class: "lead"}, "Measures that were past their threshold in any window, and those of the stream as a whole. ◆ marks a window past the threshold, which is dashed."),
      choices(qualityState, redraw, [{key: "length", label: "Window", options: lengths.map(value => ({value, name: lengthName(value)}))}]) || "",
      el("div", {class: "panel long"},
        loud.length > 0 ? measureTable(loud) : el("p", {}, "Nothing was past its threshold."),
        quiet.length > 0 ? folded(`${plural(quiet.length, "measure")} never past the threshold`, () => measureTable(quiet)) : null),
      ...[note(report.quality.cut)].filter(given));
  }
  body.append(lettersPanel(report, view));
}
function measureOf(m) {
  const points = m.points.map(([start, end, value, threshold, over, insufficient]) => ({start, end, value, threshold, over, insufficient}));
  return {...m, points, last: points[points.length - 1], over: points.filter(p => p.over).length, format: formatOf(m.method)};
}
function measureTable(measures) {
  return tableOf([
    {name: "Of", th: true, cell: m => (m.model === "*" ? "the stream" : breakable(m.feature))},
    {name: "Measure", cell: m => methodName(m.method) + (m.reference === "TRAINING" || m.reference === "BOUND" ? "" : `, against ${REFERENCES[m.reference]}`)},
    {name: "Version", cell: m => (m.model === "*" ? NONE : versionName(m.version))},
    {name: "Over time", cell: m => sparkline(m.points, `${methodName(m.method)} of ${m.feature}: ${m.format(m.points[0].value)} first, ${m.format(m.last.value)} last`)},
    {name: "Newest", n: true, cell: m => m.format(m.last.value)},
    {name: "Threshold", n: true, cell: m => m.format(m.last.threshold)},
    {name: "Past it", n: true, cell: m => `${count(m.over)} of ${count(m.points.length)}`},
    {name: "Now", cell: m => (m.last.over ? el("span", {class: "mark bad"}, "◆ past it") : m.last.insufficient ? el("span", {class: "mark quiet"}, "too few") : el("span", {class: "mark quiet"}, "within"))},
  ], measures, {label: "Measures of data quality"});
}

function lettersPanel(report, view) {
  const letters = report.quality.letters.filter(l => l.company === view.company);
  if (letters.length === 0) {
    return missing(report, "dead_letters", `No record of ${companyName(view.company)} became a dead letter.`);
  }
  const days = distinct(letters.flatMap(l => l.days), d => d[0]).sort(d3.descending);
  const shown = days.slice(0, 14);
  const most = d3.max(letters.flatMap(l => l.days), d => d[1]);
  const cells = (list, heading) => tableOf([
    {name: "Reason", th: true, cell: l => l.reason},
    {name: "All", n: true, cell: l => count(l.total)},
    ...list.map(day => ({name: heading(day), n: true, cell: l => countOn(l, day, most)})),
  ], letters, {label: "Dead letters by reason and day", empty: true});
  const all = d3.sum(letters, l => l.total);
  return el("div", {class: "panel long"},
    el("div", {class: "head"}, el("h3", {}, "Dead letters by reason and day"), el("span", {class: "aside"}, plural(all, "record"))),
    cells(shown, DAY),
    days.length > shown.length ? folded(`All ${days.length} days with dead letters`, () => tableOf([
      {name: "Day (UTC)", th: true, cell: DATE},
      ...letters.map(l => ({name: l.reason, n: true, cell: day => countOn(l, day, most)})),
    ], days, {label: "Dead letters by day", empty: true})) : null,
    note(view.company === "*" && all < report.quality.letters_in_all
      ? `Shown are the newest ${days.length} days with ${count(all)} of ${count(report.quality.letters_in_all)} dead letters.` : null));
}
function countOn(letters, day, most) {
  const found = letters.days.find(d => d[0] === day);
  return found ? el("span", {style: {"font-weight": found[1] > most / 2 ? "650" : "400"}}, count(found[1])) : NONE;
}
