"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const names = new Intl.Collator(undefined, { numeric: true });
const byId = (id) => document.getElementById(id);

/* An element with text and attributes; text is never read as markup. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function chip(structure, text) {
  const made = element("span", { class: "chip" }, text);
  made.style.setProperty("--colour", structure.colour);
  return made;
}

function finding(entry, structure) {
  return entry.reading.findings.find((one) => one.structure === structure.key);
}

/* The calibrated probability of being visible, or the detector's score where it is not calibrated. */
function probability(found) {
  return found.visibility ?? found.score;
}

function visibleCount(entry) {
  return entry.reading.findings.filter((one) => one.visible).length;
}

/* What a column sorts by; null comes last in either direction. */
const columns = [
  { key: "name", label: "frame", value: (entry) => entry.name },
  { key: "visible", label: "visible", value: visibleCount },
  ...data.structures.map((structure) => ({
    key: structure.key,
    label: structure.label,
    structure,
    value: (entry) => {
      const found = finding(entry, structure);
      return found && found.visible ? probability(found) : null;
    },
  })),
  { key: "spacing", label: "pixel size", value: (entry) => entry.reading.spacing?.x_mm ?? null },
  { key: "plane", label: "plane", value: (entry) => entry.reading.plane_quality.probability },
  { key: "warnings", label: "warnings", value: (entry) => entry.warnings.length },
];

/* ---- pictures: decoded when they come into view ---- */

const arriving = new IntersectionObserver((changes) => {
  for (const change of changes) if (change.isIntersecting) decode(change.target);
}, { rootMargin: "400px" });

function decode(image) {
  arriving.unobserve(image);
  if (!image.src) image.src = `data:${data.pictures};base64,${byId(image.dataset.picture).textContent}`;
}

function picture(entry, alt) {
  if (!entry.picture) return element("span", { class: "dim" }, "no picture");
  const image = element("img", { alt, decoding: "async", "data-picture": `picture-${entry.index}` });
  arriving.observe(image);
  return image;
}

/* ---- one frame: its row, and what the row opens ---- */

function markCell(entry, structure) {
  const found = finding(entry, structure);
  const cell = element("td", { class: "mark", "data-number": structure.number });
  const visible = Boolean(found && found.visible);
  cell.title = `${structure.label}: ${visible ? "visible" : "not visible"}`;
  if (!visible) {
    cell.classList.add("hidden");
    cell.append("–", element("span", { class: "unseen" }, "not visible"));
    return cell;
  }
  const shown = chip(structure, probability(found).toFixed(2));
  const grade = found.grading.grade;
  if (grade === "borderline" || grade === "abnormal") shown.append(element("small", {}, `${grade}, ${found.grading.basis}`));
  cell.append(shown);
  return cell;
}

function row(entry) {
  const button = element("button", { type: "button", "aria-expanded": "false" }, entry.name);
  button.addEventListener("click", () => (entry.detail ? close(entry) : open(entry)));
  entry.button = button;
  const plane = entry.reading.plane_quality.probability;
  const warnings = entry.warnings.length;
  return element("tr", {},
    element("td", { class: "thumb" }, element("span", { class: "crop" }, picture(entry, ""))),
    element("td", { class: "name beside" }, button),
    element("td", { class: "beside", "data-label": "visible" }, `${visibleCount(entry)}/${entry.reading.findings.length}`),
    ...data.structures.map((structure) => markCell(entry, structure)),
    element("td", { class: "beside", "data-label": "pixel size" }, entry.spacing),
    element("td", { class: "beside", "data-label": "plane" }, plane === null ? "–" : plane.toFixed(2)),
    element("td", { class: warnings ? "beside warn" : "beside dim", "data-label": "warnings" }, String(warnings)));
}

function findingRow(entry, structure) {
  const found = finding(entry, structure);
  const own = entry.findings[structure.key];
  const box = found.box;
  return element("tr", {},
    element("td", {}, chip(structure, String(structure.number))),
    element("th", { scope: "row" }, structure.label),
    element("td", {}, found.visible ? "visible" : "not visible"),
    element("td", {}, probability(found).toFixed(2)),
    element("td", {}, box ? `${box.x1.toFixed(0)},${box.y1.toFixed(0)} to ${box.x2.toFixed(0)},${box.y2.toFixed(0)}` : "–"),
    element("td", { class: "measured" }, ...(own.measured.length ? own.measured : ["–"]).map((text) => element("div", {}, text))),
    element("td", { class: "grade" }, found.grading.grade === "not_assessed" ? "not assessed" : own.grade));
}

/* Each reason why a structure has no grade, once, with the numbers of its structures. */
function ungraded(entry) {
  const reasons = new Map();
  for (const structure of data.structures) {
    const found = finding(entry, structure);
    if (!found || !found.grading.reason) continue;
    const text = entry.findings[structure.key].grade;
    reasons.set(text, [...(reasons.get(text) ?? []), structure.number]);
  }
  return [...reasons].map(([text, numbers]) => ["grades", `${numbers.join(" ")}: ${text}`]);
}

/* The features that influence the probabilities of a structure's grades, where that was asked for. */
function explained(entry) {
  return data.structures.flatMap((structure) =>
    (entry.findings[structure.key]?.why ?? []).map((text) => [structure.label, text]));
}

function facts(entry) {
  const { source, image, bundle, notice } = entry.reading;
  const frame = source.frames > 1 ? `, frame ${source.frame + 1} of ${source.frames}` : "";
  const pairs = [
    ["image", `${source.format}, ${image.width} x ${image.height} pixels${frame}`],
    ["pixel size", entry.spacing],
    ["plane quality", entry.plane],
    ...entry.why.map((text) => ["plane", text]),
    ...ungraded(entry),
    ...explained(entry),
    ["bundle", `${bundle.name} ${bundle.version}, ${bundle.sha256.slice(0, 12)}`],
    ["pixels", `sha256 ${image.pixels_sha256.slice(0, 12)}`],
    ...entry.warnings.map((text) => ["warning", text]),
    ["notice", notice],
  ];
  return element("dl", { class: "facts" },
    ...pairs.flatMap(([term, text]) => [element("dt", {}, term), element("dd", {}, text)]));
}

function open(entry) {
  if (entry.detail) return;
  const heads = ["", "structure", "seen", "probability", "box, px", "measured", "grade"];
  const table = element("table", {},
    element("thead", {}, element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)))),
    element("tbody", {}, ...data.structures.filter((one) => finding(entry, one)).map((structure) => findingRow(entry, structure))));
  const opened = element("div", { class: "opened" },
    element("div", { class: "frame" }, picture(entry, `${entry.name} with its boxes; the table holds the same findings`)),
    element("div", { class: "said" }, table, facts(entry)));
  const cell = element("td", { colspan: columns.length + 1 }, opened);
  entry.detail = element("tr", { class: "detail" }, cell);
  entry.row.after(entry.detail);
  entry.button.setAttribute("aria-expanded", "true");
}

function close(entry) {
  entry.detail?.remove();
  entry.detail = null;
  entry.button.setAttribute("aria-expanded", "false");
}

/* ---- which frames are shown, and in what order ---- */

const order = { key: "", descending: false };

function hasState(entry, structure, state) {
  return entry.reading.findings.some((found) => {
    if (structure !== "any" && found.structure !== structure) return false;
    if (state === "visible") return found.visible;
    return state === "hidden" ? !found.visible : found.grading.grade === state;
  });
}

function hasWarning(entry, choice) {
  if (choice === "all") return true;
  if (choice === "some") return entry.warnings.length > 0;
  if (choice === "none") return entry.warnings.length === 0;
  return entry.warnings.includes(warnings[Number(choice)]);
}

function isShown(entry) {
  const structure = byId("structure").value;
  return entry.name.toLowerCase().includes(byId("search").value.toLowerCase())
    && (structure === "all" || hasState(entry, structure, byId("state").value))
    && hasWarning(entry, byId("warning").value);
}

function compared(one, other, column) {
  const [a, b] = [column.value(one), column.value(other)];
  if (a === null || b === null) return (a === null) - (b === null) || one.index - other.index;
  const way = typeof a === "string" ? names.compare(a, b) : a - b;
  return (order.descending ? -way : way) || one.index - other.index;
}

function show() {
  const column = columns.find((one) => one.key === order.key);
  const shown = data.entries.filter(isShown);
  if (column) shown.sort((one, other) => compared(one, other, column));
  byId("readings").tBodies[0].replaceChildren(
    ...shown.flatMap((entry) => (entry.detail ? [entry.row, entry.detail] : [entry.row])));
  byId("count").textContent = `${shown.length} of ${data.entries.length} frames shown`;
  byId("state").disabled = byId("structure").value === "all";
  byId("sort").value = order.key;
  byId("direction").setAttribute("aria-pressed", String(order.descending));
  for (const head of document.querySelectorAll("#readings > thead th[data-key]")) {
    const chosen = head.dataset.key === order.key;
    head.setAttribute("aria-sort", chosen ? (order.descending ? "descending" : "ascending") : "none");
  }
  return shown;
}

function sortBy(key, descending) {
  Object.assign(order, { key, descending });
  show();
}

/* ---- setting the page up ---- */

const warnings = [...new Set(data.entries.flatMap((entry) => entry.warnings))].sort(names.compare);

function head(column) {
  const button = element("button", { type: "button" }, column.label);
  button.addEventListener("click", () => sortBy(column.key, order.key === column.key && !order.descending));
  const cell = element("th", { scope: "col", "data-key": column.key, "aria-sort": "none" }, button);
  if (column.structure) cell.classList.add("upright");
  return cell;
}

function fill(id, options) {
  byId(id).append(...options.map(([value, text]) => element("option", { value }, text)));
}

function summary() {
  const frames = data.entries.length;
  const failed = data.failures.length;
  const complete = data.entries.filter((entry) => visibleCount(entry) === data.structures.length).length;
  return `${frames} ${frames === 1 ? "frame" : "frames"} read, ${complete} with all nine structures visible`
    + (failed ? `; ${failed} not read, listed at the end` : "");
}

function start() {
  data.entries.forEach((entry, index) => { entry.index = index; });
  for (const entry of data.entries) entry.row = row(entry);
  byId("summary").textContent = summary();
  fill("structure", [["all", "not filtered"], ["any", "any structure"], ...data.structures.map((one) => [one.key, one.label])]);
  fill("warning", [["all", "not filtered"], ["some", "any warning"], ["none", "no warning"], ...warnings.map((text, index) => [index, text])]);
  fill("sort", [["", "as read"], ...columns.map((column) => [column.key, column.label])]);
  byId("readings").tHead.append(element("tr", {}, element("td", {}), ...columns.map(head)));
  byId("legend").append(...data.structures.map((one) => element("span", {}, chip(one, String(one.number)), ` ${one.label}`)));
  byId("failed").hidden = data.failures.length === 0;
  byId("failures").tBodies[0].append(...data.failures.map(
    (failure) => element("tr", {}, ...failure.map((text) => element("td", {}, text)))));
  for (const id of ["search", "structure", "state", "warning"]) byId(id).addEventListener("input", show);
  byId("sort").addEventListener("input", (event) => sortBy(event.target.value, order.descending));
  byId("direction").addEventListener("click", () => sortBy(order.key, !order.descending));
  byId("open").addEventListener("click", () => show().forEach(open));
  byId("close").addEventListener("click", () => data.entries.forEach(close));
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", openNamed);
  window.addEventListener("beforeprint", () => document.querySelectorAll(".frame img").forEach(decode));
  show();
  openNamed();
}

/* The frame that the address names, as the list of all frames does: opened and brought into view. */
function openNamed() {
  const entry = data.entries[Number(/^#frame-([0-9]+)$/.exec(location.hash)?.[1] ?? NaN)];
  if (!entry) return;
  open(entry);
  entry.row.scrollIntoView();
}

start();
