"use strict";
// What moves the scores: mean absolute contributions by version.

function drawImportance(body, report, view) {
  const versions = report.importance.versions.filter(v => inView(v, view));
  if (versions.length === 0) {
    body.append(missing(report, "predictions",
      `No prediction of ${view.model} for ${companyName(view.company)} names contributions: say explain under serve in the model's file.`));
    return;
  }
  body.append(el("p", {class: "lead"}, "Mean absolute contribution of an input (SHAP, in units of the margin) over all predictions that name any. A prediction names its strongest inputs only; one that it does not name counts as 0."),
    el("div", {class: "grid"}, versions.map(importancePanel)));
}
function importancePanel(version) {
  const inputs = version.inputs.map(([name, mean, share]) => ({name, mean, share}));
  const most = inputs[0].mean || 1;
  return panel(versionName(version.version), plural(version.explained, "prediction"),
    tableOf([
      {name: "Input", th: true, cell: i => breakable(i.name)},
      {name: "", css: "track", cell: i => el("div", {class: "bar-of", style: {width: `${(i.mean / most) * 100}%`, background: colourOf(slotOf(version.version))}})},
      {name: "Mean", n: true, cell: i => number(i.mean)},
      {name: "Named in", n: true, cell: i => percent(i.share)},
    ], inputs, {label: `Inputs of ${versionName(version.version)}`, class: "bars"}),
    note(version.named > inputs.length ? `${plural(version.named - inputs.length, "input")} that moved scores less ${version.named - inputs.length === 1 ? "is" : "are"} left out.` : null));
}
