"use strict";
// How figures, times and names are said.

const NONE = "–";

// In the order in which they matter; `better` is the direction, `ideal` a value to be near.
const METRICS = {
  auc: {name: "AUC", better: "higher"},
  log_loss: {name: "Log loss", better: "lower"},
  mlogloss: {name: "Log loss over classes", better: "lower"},
  brier: {name: "Brier score", better: "lower"},
  accuracy: {name: "Accuracy", better: "higher"},
  macro_auc: {name: "AUC, mean of the classes", better: "higher"},
  mae: {name: "Mean absolute error", better: "lower"},
  rmse: {name: "Root mean squared error", better: "lower"},
  r2: {name: "R²", better: "higher"},
  bias: {name: "Bias", ideal: 0},
  ndcg: {name: "NDCG", better: "higher"},
  interval_coverage: {name: "Coverage of the interval"},
  ece: {name: "Calibration error (ECE)", better: "lower"},
  calibration_ratio: {name: "Calibration ratio", ideal: 1},
};
const METRIC_ORDER = Object.keys(METRICS);

const METHODS = {
  psi: "Population stability index",
  jensen_shannon_distance: "Jensen-Shannon distance",
  chi_square: "Chi-square",
  ks: "Kolmogorov-Smirnov",
  wasserstein: "Wasserstein, normalised",
  missing_share: "Missing",
  out_of_range_share: "Out of range",
  new_category_share: "New category",
  non_finite_share: "NaN or infinite",
  constant: "Constant",
  staleness_hours: "Since the entity's last update",
  dead_letter_share: "Dead letters",
  late_share: "Late",
  event_volume: "Event volume",
};

const REFERENCES = {TRAINING: "training", LAST_WEEK: "last week", PAST_WEEKS: "the same time of the weeks before", BOUND: "what is borne"};

const STATES = {
  RUNNING: "Running: no effect is shown yet",
  SIGNIFICANT: "Significant: the interval excludes no effect",
  HARMED: "Harmed: the interval shows harm",
  SRM: "Broken split: units are not split as planned, effects cannot be trusted",
  INSUFFICIENT: "Too few units to tell",
};

function own(words, key) {
  return Object.prototype.hasOwnProperty.call(words, key) ? words[key] : undefined;
}
function metric(name) {
  return own(METRICS, name) || own(METRICS, name.replace(/@.*$/, "")) || {};
}
function spaced(name) {
  return name.charAt(0).toUpperCase() + name.slice(1).replace(/_/g, " ");
}
function metricName(name) {
  const known = metric(name);
  const at = name.includes("@") ? name.slice(name.indexOf("@")) : "";
  return known.name ? known.name + at : spaced(own(UNITS, endOf(name)) ? name.slice(0, name.lastIndexOf("_")) : name);
}
function metricHint(name) {
  const known = metric(name);
  if (known.better) return `${known.better} is better`;
  return known.ideal === undefined ? "" : `best near ${known.ideal}`;
}
function metricPlace(name) {
  const place = METRIC_ORDER.indexOf(name.replace(/@.*$/, ""));
  return place < 0 ? METRIC_ORDER.length : place;
}
function methodName(method) {
  return own(METHODS, method) || spaced(method);
}
function versionName(version) {
  return version === 0 ? "fallback" : `v${version}`;
}
function companyName(company) {
  return company === "*" ? "all companies" : company === "" ? "unknown company" : company;
}

const COUNT = new Intl.NumberFormat("en", {maximumFractionDigits: 0});
const DIGITS = new Intl.NumberFormat("en", {maximumSignificantDigits: 3});
const TWO_DIGITS = new Intl.NumberFormat("en", {maximumSignificantDigits: 2});
const TENTHS = new Intl.NumberFormat("en", {maximumFractionDigits: 1});
const UNITS = {ms: "ms", millis: "ms", micros: "µs", seconds: "s", minutes: "min", hours: "h", days: "d"};

function count(n) {
  return n === null || n === undefined ? NONE : COUNT.format(n);
}
/** Three digits that count; very small and very large ones with an exponent. */
function number(x) {
  if (x === null || x === undefined) return NONE;
  const size = Math.abs(x);
  if (x === 0) return "0";
  if (size >= 1000 && size < 1e9) return COUNT.format(x);
  return size < 1e-6 || size >= 1e9 ? x.toExponential(1).replace("-", "−") : DIGITS.format(x).replace("-", "−");
}
function percent(x) {
  if (x === null || x === undefined) return NONE;
  return `${(Math.abs(x) < 0.01 ? TWO_DIGITS : TENTHS).format(x * 100).replace("-", "−")} %`;
}
/** How differences of a name's values are written: of shares in percentage points. */
function differenceOf(name) {
  const format = formatOf(name);
  return x => (given(x) ? (x > 0 ? "+" : "") + (format === percent ? format(x).replace("%", "pp") : format(x)) : NONE);
}
function interval(lower, upper, format) {
  if (given(lower) && given(upper)) return `${format(lower)} to ${format(upper)}`;
  if (given(lower)) return `at least ${format(lower)}`;
  return given(upper) ? `at most ${format(upper)}` : NONE;
}
function endOf(name) {
  return name.slice(name.lastIndexOf("_") + 1);
}
/** How values of a name are written: its ending tells the unit. */
function formatOf(name) {
  const end = endOf(name);
  if (["share", "rate", "coverage"].includes(end)) return percent;
  if (own(UNITS, end)) return x => (given(x) ? `${number(x)} ${UNITS[end]}` : NONE);
  return number;
}
function given(x) {
  return x !== null && x !== undefined;
}
/** Names in order, numbers within them by their value. */
function byName(a, b) {
  return a.localeCompare(b, "en", {numeric: true});
}

const DATE = d3.utcFormat("%-d %b %Y");
const DAY = d3.utcFormat("%-d %b");
const CLOCK = d3.utcFormat("%H:%M");
const DAY_MILLIS = 86400000;

function instant(t) {
  return given(t) ? `${DATE(t)} ${CLOCK(t)}` : NONE;
}
/** A window by its start, with the hour where windows are shorter than a day. */
function windowName(start, length) {
  return length >= DAY_MILLIS && start % DAY_MILLIS === 0 ? DATE(start) : instant(start);
}
function lengthName(millis) {
  for (const [unit, size] of [["day", DAY_MILLIS], ["hour", 3600000], ["minute", 60000], ["second", 1000]]) {
    if (millis >= size && millis % size === 0) {
      const n = millis / size;
      return n === 1 ? `1 ${unit}` : `${n} ${unit}s`;
    }
  }
  return `${millis} ms`;
}
/** Roughly how long: two units at most. */
function lasting(millis) {
  const minutes = Math.round(millis / 60000);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}
function plural(n, one, many) {
  return `${count(n)} ${n === 1 ? one : many || one + "s"}`;
}
