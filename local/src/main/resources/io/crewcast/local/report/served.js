"use strict";
// What served when: the rollouts of a model as lanes, and who then answered.

function drawServed(body, report, view) {
  body.append(el("p", {class: "lead"}, "Who was asked to serve, and who answered."));
  const rollouts = report.served.rollouts.filter(r => r.model === view.model);
  if (rollouts.length > 0) body.append(rolloutPanel(rollouts, report));
  else body.append(missing(report, "rollouts", `Nothing was rolled out for ${view.model}.`));
  const volumes = report.served.volumes.filter(v => inView(v, view));
  if (volumes.length > 0) body.append(volumePanel(volumes));
  else body.append(missing(report, "predictions", `No predictions of ${view.model} for ${companyName(view.company)}.`));
  body.append(...[note(report.served.cut)].filter(given));
}

function rolloutPanel(rollouts, report) {
  const span = spanOf(report);
  const from = given(report.from) ? report.from : Math.min(span[0], rollouts[0].from);
  const to = given(report.to) ? report.to : Math.max(span[1], rollouts[rollouts.length - 1].from + 3600000);
  const segments = rollouts.flatMap(r => lanesOf(r).map(s => ({...s, from: Math.max(r.from, from), until: Math.min(given(r.until) ? r.until : to, to), rollout: r})))
    .filter(s => s.from < s.until);
  const now = rollouts[rollouts.length - 1];
  return panel("Rollouts", `now ${versionName(now.champion)}${given(now.challenger) ? `, with ${versionName(now.challenger)} on trial` : ""}`,
    figure(width => drawLanes(segments, from, to, width)),
    folded(`Table of ${plural(rollouts.length, "rollout")}`, () => tableOf([
      {name: "From (UTC)", th: true, cell: r => instant(r.from)},
      {name: "Until", cell: r => (given(r.until) ? instant(r.until) : "in effect")},
      {name: "Champion", cell: r => versionName(r.champion)},
      {name: "Challenger", cell: r => (given(r.challenger) ? versionName(r.challenger) : NONE)},
      {name: "Coverage", n: true, cell: r => (given(r.challenger) ? percent(r.coverage) : NONE)},
      {name: "Shadows", cell: r => r.shadows.map(versionName).join(", ") || NONE},
      {name: "Experiment", cell: r => r.experiment || NONE},
      {name: "Why", text: true, cell: r => r.reason || NONE},
    ], [...rollouts].reverse(), {label: "Rollouts"})));
}
function lanesOf(r) {
  return [
    {lane: "Champion", version: r.champion, text: versionName(r.champion)},
    ...(given(r.challenger) ? [{lane: "Challenger", version: r.challenger, text: `${versionName(r.challenger)}, ${percent(r.coverage)}`}] : []),
    ...(r.shadows.length > 0 ? [{lane: "Shadows", version: r.shadows[0], text: r.shadows.map(versionName).join(", ")}] : []),
  ];
}
function drawLanes(segments, from, to, width) {
  const lanes = ["Champion", "Challenger", "Shadows"].filter(lane => segments.some(s => s.lane === lane));
  const height = lanes.length * 34 + 26;
  const box = {left: 78, right: width - 12, bottom: height - 24};
  const x = timeScale([from, to], [box.left, box.right]);
  const svg = shape("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Versions that served over time: " +
    segments.map(s => `${s.lane} ${s.text} from ${instant(s.from)}`).join("; ")});
  lanes.forEach((lane, i) => {
    svg.append(shape("text", {x: 0, y: i * 34 + 17, dy: "0.32em"}, lane));
    svg.append(shape("line", {class: "grid-line", x1: box.left, x2: box.right, y1: i * 34 + 17, y2: i * 34 + 17}));
  });
  for (const s of segments) {
    const at = x(s.from), wide = Math.max(1.5, x(s.until) - at - 1);
    svg.append(shape("rect", {x: at, y: lanes.indexOf(s.lane) * 34 + 4, width: wide, height: 26, rx: 3, fill: colourOf(slotOf(s.version)),
      opacity: s.lane === "Shadows" ? 0.6 : 1}, shape("title", {}, `${s.lane} ${s.text}, ${instant(s.from)} to ${instant(s.until)}`)));
    const text = [s.text, versionName(s.version)].find(t => wide > t.length * 6.6 + 8);
    if (text) svg.append(shape("text", {class: "segment-name", x: at + 6, y: lanes.indexOf(s.lane) * 34 + 17, dy: "0.34em"}, text));
  }
  for (const [at, text] of timeTicks(x, box.right - box.left)) {
    svg.append(shape("text", {x: Math.min(at, box.right - 14), y: box.bottom + 16, "text-anchor": "middle"}, text));
  }
  return svg;
}

function volumePanel(volumes) {
  const name = v => (v.role === "FALLBACK" ? "fallback" : `${versionName(v.version)} ${v.role.toLowerCase()}`);
  const places = ["CHAMPION", "CHALLENGER", "SHADOW", "FALLBACK"];
  const groups = d3.rollups(volumes, list => ({
    name: name(list[0]), slot: list[0].role === "FALLBACK" ? -1 : slotOf(list[0].version), role: list[0].role, opacity: {CHALLENGER: 0.65, SHADOW: 0.35}[list[0].role] || 1,
    total: d3.sum(list, v => v.total), buckets: d3.rollup(list.flatMap(v => v.buckets), b => d3.sum(b, c => c[1]), b => b[0]),
  }), name).map(([, group]) => group).sort((a, b) => places.indexOf(a.role) - places.indexOf(b.role) || a.slot - b.slot);
  const length = volumes[0].length;
  const starts = distinct(groups.flatMap(g => [...g.buckets.keys()]), t => t).sort(d3.ascending);
  const all = d3.sum(groups, g => g.total);
  return panel(`Predictions a ${lengthName(length).slice(2)}`, `${count(all)} in all`,
    el("ul", {class: "key"}, groups.map(g => el("li", {}, bucketSwatch(g), `${g.name}: ${count(g.total)} (${percent(g.total / all)})`))),
    figure(width => drawBuckets(groups, starts, length, width)),
    folded(`Table by ${lengthName(length).slice(2)}`, () => tableOf([
      {name: "From (UTC)", th: true, cell: t => windowName(t, length)},
      ...groups.map(g => ({name: g.name, n: true, cell: t => count(g.buckets.get(t) || 0)})),
    ], [...starts].reverse(), {label: "Predictions"})));
}
function bucketSwatch(g) {
  const mark = swatch(colourOf(g.slot));
  mark.style.opacity = g.opacity;
  return mark;
}
function drawBuckets(groups, starts, length, width) {
  const height = 150, box = {left: 52, right: width - 12, top: 8, bottom: 126};
  const x = d3.scaleUtc([starts[0], starts[starts.length - 1] + length], [box.left, box.right]);
  const y = d3.scaleLinear([0, d3.max(starts, t => d3.sum(groups, g => g.buckets.get(t) || 0))], [box.bottom, box.top]).nice(4);
  const svg = shape("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Predictions over time by who answered"});
  axes(svg, box, x, y, count);
  const wide = Math.max(1, Math.min(40, x(starts[0] + length) - x(starts[0]) - 1));
  for (const t of starts) {
    let below = 0;
    for (const g of groups) {
      const n = g.buckets.get(t) || 0;
      if (n === 0) continue;
      svg.append(shape("rect", {x: x(t), width: wide, y: y(below + n), height: y(below) - y(below + n), fill: colourOf(g.slot), opacity: g.opacity,
        stroke: "var(--panel)", "stroke-width": 0.5}, shape("title", {}, `${windowName(t, length)}: ${count(n)} by ${g.name}`)));
      below += n;
    }
  }
  return svg;
}
