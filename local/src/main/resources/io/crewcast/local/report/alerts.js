"use strict";
// Alerts: what is open first.

function drawAlerts(body, report, view) {
  const alerts = report.alerts.alerts.filter(a => ofCompany(a.company, view));
  if (alerts.length === 0) {
    body.append(missing(report, "alerts", `No alert of ${companyName(view.company)} in this range.`));
    return;
  }
  const open = alerts.filter(a => !given(a.resolved));
  const over = alerts.filter(a => given(a.resolved));
  body.append(
    el("div", {class: "panel long"}, el("div", {class: "head"}, el("h3", {}, "Open"), el("span", {class: "aside"}, plural(open.length, "alert"))),
      open.length > 0 ? alertTable(open) : el("p", {}, "None is open.")),
    over.length === 0 ? "" : el("div", {class: "panel long"}, el("div", {class: "head"}, el("h3", {}, "Resolved"), el("span", {class: "aside"}, plural(over.length, "alert"))),
      alertTable(over)),
    ...[note(report.alerts.cut)].filter(given));
}
/** An alert over all companies concerns each of them. */
function ofCompany(company, view) {
  return view.company === "*" || company === "*" || company === view.company;
}
function alertTable(alerts) {
  const severity = {CRITICAL: "▲ critical", WARNING: "△ warning", INFO: "info"};
  return tableOf([
    {name: "Severity", cell: a => el("span", {class: "mark " + (a.severity === "INFO" ? "quiet" : "bad")}, severity[a.severity] || a.severity)},
    {name: "About", th: true, cell: a => breakable(a.subject)},
    {name: "Company", cell: a => companyName(a.company)},
    {name: "What happened", text: true, cell: a => a.message},
    {name: "Value", n: true, cell: a => number(a.value)},
    {name: "Threshold", n: true, cell: a => number(a.threshold)},
    {name: "Since (UTC)", n: true, cell: a => instant(a.opened)},
    {name: "Lasted", n: true, cell: a => (given(a.resolved) && given(a.opened) ? lasting(a.resolved - a.opened) : given(a.resolved) ? NONE : "open")},
  ], alerts, {label: "Alerts"});
}
