"use strict";
// Experiments: what is known of each metric, and the intervals that led there.

function drawExperiments(body, report, view) {
  const series = report.experiments.series.filter(s => s.company === view.company);
  if (series.length === 0) {
    body.append(missing(report, "experiment_metrics", `No experiment has figures for ${companyName(view.company)}.`));
    const arms = report.experiments.arms.filter(a => a.company === view.company);
    for (const name of distinct(arms, a => a.experiment)) body.append(panel(name, null, armsOf(name, report, view)));
    return;
  }
  body.append(el("p", {class: "lead"}, "The effect is a variation's mean less control's; of a guardrail whose margin is in per cent, as a share of control's. Intervals hold at every look, so that looking early does not mislead."));
  for (const name of distinct(series, s => s.experiment)) body.append(experimentPanel(name, series.filter(s => s.experiment === name), report, view));
  body.append(...[note(report.experiments.cut)].filter(given));
}
function effectOf(s) {
  return s.scale === "relative" ? value => given(value) ? (value > 0 ? "+" : "") + percent(value) : NONE : differenceOf(s.metric);
}
function newestLook(s) {
  return lookOf(s.looks[s.looks.length - 1]);
}
function lookOf([asOf, effect, lower, upper, p, state, units, controlUnits, mean, controlMean]) {
  return {asOf, effect, lower, upper, p, state, units, controlUnits, mean, controlMean};
}
function stateMark(state) {
  const css = state === "HARMED" || state === "SRM" ? "bad" : state === "SIGNIFICANT" ? "good" : "quiet";
  return el("span", {class: "mark " + css, title: STATES[state] || state}, {SRM: "broken split"}[state] || state.toLowerCase());
}
function experimentPanel(name, series, report, view) {
  const states = distinct(series, s => newestLook(s).state);
  return el("div", {class: "panel long"},
    el("div", {class: "head"}, el("h3", {}, name), el("span", {class: "aside"}, `as of ${instant(d3.max(series, s => newestLook(s).asOf))}`)),
    states.includes("SRM") ? el("p", {class: "warn"}, el("strong", {}, "Sample ratio mismatch. "), "The split is not as planned: find out why before any effect is believed.") : null,
    states.includes("HARMED") ? el("p", {class: "warn"}, el("strong", {}, "A metric is harmed. "), "The interval of all looks lies on the wrong side, of a guardrail beyond its margin.") : null,
    armsOf(name, report, view),
    tableOf([
      {name: "Metric", th: true, cell: s => s.metric},
      {name: "Variation", cell: s => s.variation},
      {name: "State", cell: s => stateMark(newestLook(s).state)},
      {name: "Effect", n: true, cell: s => effectOf(s)(newestLook(s).effect)},
      {name: "Interval", n: true, cell: s => interval(newestLook(s).lower, newestLook(s).upper, effectOf(s))},
      {name: "Mean", n: true, cell: s => formatOf(s.metric)(newestLook(s).mean)},
      {name: "Control", n: true, cell: s => formatOf(s.metric)(newestLook(s).controlMean)},
      {name: "p", n: true, cell: s => number(newestLook(s).p)},
      {name: "Units", n: true, cell: s => `${count(newestLook(s).units)} / ${count(newestLook(s).controlUnits)}`},
      {name: "Method", text: true, cell: s => s.method},
    ], series, {label: name}),
    el("ul", {class: "key"}, states.map(state => el("li", {}, stateMark(state), STATES[state] || state))),
    el("div", {class: "grid fit"}, series.map((s, i) => effectChart(s, i, series))));
}
function armsOf(name, report, view) {
  const arms = report.experiments.arms.filter(a => a.experiment === name && a.company === view.company);
  if (arms.length === 0) return note("The lake has no exposures of it.");
  const all = d3.sum(arms, a => a.units);
  const mixed = report.experiments.mixed.find(m => m.experiment === name && m.company === view.company);
  return el("p", {class: "note"}, "Exposed: ",
    arms.map(a => `${a.variation} ${count(a.units)} (${percent(a.units / all)})`).join(", "),
    mixed ? `. ${plural(mixed.units, "unit")} in more than one variation.` : ". No unit in more than one variation.");
}
function effectChart(s, i, series) {
  const format = effectOf(s);
  const looks = s.looks.map(lookOf);
  const slot = distinct(series, o => o.variation).indexOf(s.variation);
  const points = looks.map(l => ({x: l.asOf, value: l.effect, lower: l.lower, upper: l.upper, hollow: l.state === "INSUFFICIENT",
    said: ` (${interval(l.lower, l.upper, format)}; ${(STATES[l.state] || l.state).split(":")[0].toLowerCase()}; ${plural(l.units, "unit")})`}));
  const chart = points.some(p => given(p.value))
    ? lineChart([{name: s.variation, short: "", slot, points}], {
      label: `Effect on ${s.metric} of ${s.variation} over time`, format, zero: 0, include: [0], when: instant, height: 170,
    })
    : nothing("No effect is known yet.");
  return el("div", {}, el("h4", {}, `${s.metric}, ${s.variation}`), chart,
    folded(`Table of ${plural(looks.length, "look")}`, () => tableOf([
      {name: "As of (UTC)", th: true, cell: l => instant(l.asOf)},
      {name: "Effect", n: true, cell: l => format(l.effect)},
      {name: "Interval", n: true, cell: l => interval(l.lower, l.upper, format)},
      {name: "p", n: true, cell: l => number(l.p)},
      {name: "Units / control", n: true, cell: l => `${count(l.units)} / ${count(l.controlUnits)}`},
      {name: "State", cell: l => (STATES[l.state] || l.state).split(":")[0]},
    ], [...looks].reverse(), {label: `${s.metric}, ${s.variation}`})));
}
