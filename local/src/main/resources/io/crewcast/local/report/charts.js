"use strict";
// Charts in SVG, by d3: colours are the page's variables, so that dark mode and print need no redraw.

const SHAPES = [d3.symbolCircle, d3.symbolSquare, d3.symbolTriangle, d3.symbolDiamond, d3.symbolStar, d3.symbolWye];

function colourOf(slot) {
  return slot < 0 ? "var(--neutral)" : `var(--s${slot % 6})`;
}

const drawn = new ResizeObserver(entries => {
  for (const entry of entries) {
    const width = Math.round(entry.contentRect.width);
    if (width > 0 && width !== entry.target.drawnWidth) {
      entry.target.drawnWidth = width;
      // In the next frame: what is drawn changes the heights that are being observed.
      requestAnimationFrame(() => entry.target.draw(width));
    }
  }
});

/** A figure that is drawn for its width, and again when that changes. */
function figure(draw, ...more) {
  const canvas = el("div");
  canvas.draw = width => canvas.replaceChildren(draw(width));
  drawn.observe(canvas);
  return el("figure", {}, canvas, ...more);
}

function timeTicks(x, width) {
  const [from, to] = x.domain();
  const format = to - from > 3 * DAY_MILLIS ? DAY : to - from > DAY_MILLIS ? d3.utcFormat("%-d %b %H:%M") : CLOCK;
  return apart(x.ticks(Math.max(3, Math.floor(width / 50))).map(t => [x(t), format(t)]), to - from > 3 * DAY_MILLIS ? 48 : 84);
}
/** Every second, third, ... label, so that none touches the next. */
function apart(labels, room) {
  const step = labels.length < 2 ? 1 : Math.max(1, Math.ceil(room / (labels[1][0] - labels[0][0])));
  return labels.filter((label, i) => (labels.length - 1 - i) % step === 0);
}
function timeScale(times, range) {
  let [from, to] = d3.extent(times);
  if (from === to) [from, to] = [from - DAY_MILLIS / 2, to + DAY_MILLIS / 2];
  return d3.scaleUtc([from, to], range);
}
function axes(svg, box, x, y, format) {
  for (const tick of y.ticks(4)) {
    svg.append(
      shape("line", {class: "grid-line", x1: box.left, x2: box.right, y1: y(tick), y2: y(tick)}),
      shape("text", {x: box.left - 6, y: y(tick), dy: "0.32em", "text-anchor": "end"}, format(tick)));
  }
  for (const [at, text] of timeTicks(x, box.right - box.left)) {
    svg.append(shape("text", {x: Math.min(at, box.right - 10), y: box.bottom + 16, "text-anchor": "middle"}, text));
  }
}
/** Bounds count for the scale only as far as they leave the values readable. */
function valueDomain(values, bounds, include) {
  let [low, high] = d3.extent([...values, ...include]);
  if (low === undefined) [low, high] = d3.extent(bounds);
  if (low === undefined) return [0, 1];
  const room = Math.max(high - low, Math.abs(high) * 0.02, 1e-9);
  const [least, most] = d3.extent([...bounds, low, high]);
  low = Math.max(least, low - room);
  high = Math.min(most, high + room);
  const pad = Math.max((high - low) * 0.08, Math.abs(high) * 0.005, 1e-9);
  return [low - pad, high + pad];
}

let clips = 0;

/**
 * Lines over time. Series are {name, slot, points: [{x, value, lower, upper, reference, hollow, said}]} in order of x;
 * spec is {label, format, include: values that the scale must hold, zero: a line to compare with, when: x => text}.
 */
function lineChart(series, spec) {
  const times = distinct(series.flatMap(s => s.points), p => p.x).sort(d3.ascending);
  const readout = el("figcaption", {class: "readout", "aria-live": "polite"});
  let at = times.length - 1;
  let moved = () => {};
  const show = index => {
    at = Math.max(0, Math.min(times.length - 1, index));
    moved(times[at]);
    readout.replaceChildren(spec.when(times[at]), ...series.flatMap(s => {
      const p = s.points.find(point => point.x === times[at]);
      return p ? [el("br"), swatch(colourOf(s.slot)), ` ${s.name} `, el("b", {}, spec.format(p.value)), p.said || ""] : [];
    }));
  };
  const chart = figure(width => {
    const svg = drawLines(series, spec, width, times, to => show(times.indexOf(to)));
    moved = svg.moveTo;
    show(at);
    svg.addEventListener("keydown", event => {
      const step = {ArrowLeft: -1, ArrowRight: 1, Home: -times.length, End: times.length}[event.key];
      if (step === undefined) return;
      event.preventDefault();
      show(at + step);
    });
    return svg;
  }, readout);
  return chart;
}

function drawLines(series, spec, width, times, onMove) {
  const height = spec.height || 190;
  const box = {left: 52, right: width - 44, top: 10, bottom: height - 24};
  const points = series.flatMap(s => s.points);
  const finite = key => points.map(p => p[key]).filter(given);
  const x = timeScale(times, [box.left, box.right]);
  const y = d3.scaleLinear(
    valueDomain([...finite("value"), ...finite("reference")], [...finite("lower"), ...finite("upper")], spec.include || []),
    [box.bottom, box.top]);
  const svg = shape("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", tabindex: "0", "aria-label": spec.label + ". Arrow keys move through it."});
  const clip = `clip${clips++}`;
  svg.append(shape("clipPath", {id: clip}, shape("rect", {x: box.left - 5, y: box.top - 6, width: Math.max(0, box.right - box.left) + 10, height: box.bottom - box.top + 8})));
  axes(svg, box, x, y, spec.format);
  if (given(spec.zero)) {
    svg.append(shape("line", {class: "zero", x1: box.left, x2: box.right, y1: y(spec.zero), y2: y(spec.zero)}));
  }
  const inside = shape("g", {"clip-path": `url(#${clip})`});
  svg.append(inside);
  for (const s of series) drawSeries(inside, s, x, y, box);
  endNames(svg, series, x, y, box);
  const cross = shape("line", {class: "cross", y1: box.top, y2: box.bottom, visibility: "hidden"});
  svg.append(cross);
  svg.moveTo = time => attributes(cross, {x1: x(time), x2: x(time)});
  svg.addEventListener("pointermove", event => {
    const scale = width / svg.getBoundingClientRect().width;
    const to = x.invert((event.clientX - svg.getBoundingClientRect().left) * scale).getTime();
    cross.setAttribute("visibility", "visible");
    onMove(times[d3.leastIndex(times, t => Math.abs(t - to))]);
  });
  svg.addEventListener("focus", () => cross.setAttribute("visibility", "visible"));
  return svg;
}

function drawSeries(inside, s, x, y, box) {
  const colour = colourOf(s.slot);
  const bounded = s.points.filter(p => given(p.lower) || given(p.upper));
  const band = d3.area().x(p => x(p.x)).y0(p => (given(p.lower) ? y(p.lower) : box.bottom)).y1(p => (given(p.upper) ? y(p.upper) : box.top));
  if (bounded.length > 1) {
    inside.append(shape("path", {class: "band", d: band.defined(p => given(p.lower) || given(p.upper))(s.points), fill: colour}));
  } else {
    for (const p of bounded) inside.append(shape("line", {stroke: colour, x1: x(p.x), x2: x(p.x), y1: given(p.lower) ? y(p.lower) : box.bottom, y2: given(p.upper) ? y(p.upper) : box.top}));
  }
  const path = (key, css, points) =>
    inside.append(shape("path", {class: css, stroke: colour, d: d3.line().defined(p => given(p[key])).x(p => x(p.x)).y(p => y(p[key]))(points)}));
  path("reference", "reference", s.points);
  path("value", "line", s.points);
  const symbol = d3.symbol(SHAPES[Math.max(0, s.slot) % SHAPES.length], 26);
  const dots = s.points.filter(p => given(p.value));
  for (const p of dots) {
    // Crowded lines show only what is not as the rest.
    if (dots.length > 60 && !p.hollow && p !== dots[dots.length - 1]) continue;
    inside.append(shape("path", {
      class: "dot", d: symbol(), transform: `translate(${x(p.x)},${y(p.value)})`,
      stroke: colour, fill: p.hollow ? "var(--panel)" : colour,
    }));
  }
}

/** Each line is named where it ends; names keep out of each other's way. */
function endNames(svg, series, x, y, box) {
  const ends = series.map(s => ({s, p: [...s.points].reverse().find(p => given(p.value))})).filter(e => e.p)
    .map(e => ({...e, y: y(e.p.value)})).sort((a, b) => a.y - b.y);
  let last = -Infinity;
  for (const e of ends) {
    e.y = Math.max(e.y, last + 12);
    last = e.y;
    svg.append(shape("text", {class: "name", x: x(e.p.x) + 8, y: e.y, dy: "0.32em", style: {fill: colourOf(e.s.slot)}},
      given(e.s.short) ? e.s.short : e.s.name));
  }
}

/** A small line without axes; the threshold is dashed where it is near. */
function sparkline(points, label) {
  const width = 130, height = 26;
  const values = points.map(p => p.value).filter(given);
  if (values.length === 0) return el("span", {}, NONE);
  const x = timeScale(points.map(p => p.start), [2, width - 4]);
  const [low, high] = d3.extent([0, ...values]);
  const threshold = points[points.length - 1].threshold;
  const top = given(threshold) && threshold < high * 2 ? Math.max(high, threshold) : high;
  const y = d3.scaleLinear([low, top === low ? low + 1 : top], [height - 3, 4]);
  const svg = shape("svg", {class: "spark", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label});
  if (given(threshold) && threshold <= top) {
    svg.append(shape("line", {class: "reference", stroke: "var(--neutral)", x1: 0, x2: width, y1: y(threshold), y2: y(threshold)}));
  }
  svg.append(shape("path", {class: "line", stroke: "var(--s0)", d: d3.line().defined(p => given(p.value)).x(p => x(p.start)).y(p => y(p.value))(points)}));
  for (const p of points) {
    if (p.over && given(p.value)) svg.append(shape("path", {d: d3.symbol(d3.symbolDiamond, 30)(), transform: `translate(${x(p.start)},${y(p.value)})`, fill: "var(--s1)"}));
  }
  return svg;
}

/** What the marks of a line chart mean. */
function lineKey(items) {
  const marks = {
    value: [shape("path", {class: "line", stroke: "var(--soft)", d: "M1 6H25"}), shape("circle", {cx: 13, cy: 6, r: 3, fill: "var(--soft)"})],
    reference: [shape("path", {class: "reference", stroke: "var(--soft)", d: "M1 6H25"})],
    hollow: [shape("path", {class: "line", stroke: "var(--soft)", d: "M1 6H25"}), shape("circle", {class: "dot", cx: 13, cy: 6, r: 3.4, fill: "var(--panel)", stroke: "var(--soft)"})],
    band: [shape("rect", {x: 1, y: 1, width: 24, height: 10, fill: "var(--soft)", opacity: 0.25})],
  };
  return el("ul", {class: "key"}, items.map(([mark, text]) =>
    el("li", {}, shape("svg", {viewBox: "0 0 26 12", "aria-hidden": "true"}, ...marks[mark]), text)));
}
