"use strict";
// The few figures that tell whether to read on; each leads to its section.

function drawGlance(body, report, view) {
  const tiles = [alertTile(report, view), performanceTile(report, view), driftTile(report, view),
    experimentTile(report, view), predictionTile(report, view), letterTile(report, view)].filter(given);
  body.append(tiles.length > 0
    ? el("div", {class: "tiles"}, tiles)
    : nothing("None of the tables of this lake has a row to tell of: run a job with --lake, or widen --from and --to."));
}

function tile(to, what, figure, more, css) {
  return el("a", {class: "tile", href: "#" + to}, el("span", {class: "what"}, what),
    el("span", {class: "figure " + (css || "")}, figure), el("span", {class: "more"}, more));
}
function alertTile(report, view) {
  if (report.alerts.alerts.length === 0) return null;
  const open = report.alerts.alerts.filter(a => !given(a.resolved) && ofCompany(a.company, view));
  const critical = open.filter(a => a.severity === "CRITICAL").length;
  return tile("alerts", "Open alerts", count(open.length),
    open.length === 0 ? "all that were raised are over" : critical > 0 ? `${count(critical)} critical` : "none critical",
    open.length > 0 ? "bad" : "good");
}
/** The newest closed figure of the version with the most recent one. */
function performanceTile(report, view) {
  const whole = report.performance.series.filter(s => inView(s, view) && s.segment === "*" && s.variation === "*");
  const names = distinct(whole, s => s.metric).sort((a, b) => metricPlace(a) - metricPlace(b) || byName(a, b));
  for (const name of names) {
    const closed = whole.filter(s => s.metric === name).flatMap(s => s.points
      .filter(p => given(p[2]) && !p[12]).map(p => ({version: s.version, length: s.length, start: p[0], value: p[2], fallback: p[5], labelled: p[7]})));
    if (closed.length === 0) continue;
    const newest = closed.sort((a, b) => b.length - a.length || b.start - a.start || b.labelled - a.labelled)[0];
    const format = formatOf(name);
    return tile("performance", `${metricName(name)}, ${versionName(newest.version)}`, format(newest.value),
      `${given(newest.fallback) ? `fallback ${format(newest.fallback)}; ` : ""}${windowName(newest.start, newest.length)}`);
  }
  return null;
}
function driftTile(report, view) {
  const grids = report.drift.grids.filter(g => inView(g, view) && g.cells.length > 0);
  if (grids.length === 0) return null;
  const newest = grids.map(g => ({g, start: d3.max(g.cells, c => c[1])}))
    .sort((a, b) => (b.g.reference === "TRAINING") - (a.g.reference === "TRAINING") || b.g.length - a.g.length || b.start - a.start || b.g.version - a.g.version)[0];
  const cells = newest.g.cells.filter(c => c[1] === newest.start);
  const drifted = cells.filter(c => c[4].some(s => s[7])).length; // by any of the methods
  return tile("drift", "Drifted inputs and scores", `${count(drifted)} of ${count(cells.length)}`,
    `${versionName(newest.g.version)} against ${REFERENCES[newest.g.reference] || newest.g.reference}; ${windowName(newest.start, newest.g.length)}`, drifted > 0 ? "bad" : "good");
}
function experimentTile(report, view) {
  const newest = report.experiments.series.filter(s => s.company === view.company).map(s => ({experiment: s.experiment, state: s.looks[s.looks.length - 1][5]}));
  if (newest.length === 0) return null;
  const bad = distinct(newest.filter(n => n.state === "SRM" || n.state === "HARMED"), n => n.experiment).length;
  const significant = newest.filter(n => n.state === "SIGNIFICANT").length;
  return tile("experiments", "Experiments", count(distinct(newest, n => n.experiment).length),
    `${plural(significant, "significant metric")}${bad > 0 ? `; ${count(bad)} harmed or with a broken split` : ""}`, bad > 0 ? "bad" : "");
}
function predictionTile(report, view) {
  const volumes = report.served.volumes.filter(v => inView(v, view));
  if (volumes.length === 0) return null;
  const all = d3.sum(volumes, v => v.total);
  return tile("served", "Predictions", count(all), `${percent(d3.sum(volumes.filter(v => v.role === "FALLBACK"), v => v.total) / all)} answered by the fallback`);
}
function letterTile(report, view) {
  const letters = report.quality.letters.filter(l => l.company === view.company);
  return report.quality.letters_in_all === 0 ? null
    : tile("quality", "Dead letters", count(d3.sum(letters, l => l.total)), letters.length === 0 ? "none of this company"
      : `most often ${letters[0].reason}`);
}
