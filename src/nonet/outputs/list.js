"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const AT_ONCE = 200;
const frames = data.rows.map(([name, page, place, seen, plane, probability, warnings]) =>
  ({ name, page, place, seen, plane, probability, warnings, lower: name.toLowerCase() }));

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

function isVisible(frame, index) {
  return Boolean(frame.seen & (1 << index));
}

function marks(frame) {
  return data.structures.map((structure, index) => {
    const visible = isVisible(frame, index);
    const mark = visible ? chip(structure, String(structure.number)) : element("span", { class: "absent" }, "–");
    mark.title = `${structure.label}: ${visible ? "visible" : "not visible"}`;
    return mark;
  });
}

function row(frame) {
  const visible = data.structures.filter((_, index) => isVisible(frame, index)).length;
  const plane = frame.probability === null ? "–" : `${frame.plane ?? ""} ${frame.probability.toFixed(2)}`.trim();
  return element("tr", {},
    element("td", { class: "name" }, element("a", { href: `${data.pages}/${frame.page}#frame-${frame.place}` }, frame.name)),
    element("td", {}, `${visible}/${data.structures.length}`),
    element("td", { class: "marks" }, ...marks(frame)),
    element("td", {}, plane),
    element("td", { class: frame.warnings ? "warn" : "dim" }, String(frame.warnings)));
}

let shown = [];
let drawn = 0;

function isShown(frame) {
  const plane = byId("plane").value;
  const warning = byId("warning").value;
  return frame.lower.includes(byId("search").value.toLowerCase())
    && (plane === "all" || String(frame.plane ?? "") === plane)
    && (warning === "all" || (warning === "some") === frame.warnings > 0);
}

function more() {
  byId("readings").tBodies[0].append(...shown.slice(drawn, drawn + AT_ONCE).map(row));
  drawn = Math.min(drawn + AT_ONCE, shown.length);
  byId("more").hidden = drawn === shown.length;
  byId("count").textContent = `${shown.length} of ${frames.length} frames match, ${drawn} listed`;
}

function show() {
  shown = frames.filter(isShown);
  drawn = 0;
  byId("readings").tBodies[0].replaceChildren();
  more();
}

function start() {
  const failed = data.failures.length;
  byId("summary").textContent = `${frames.length} frames read` + (failed ? `; ${failed} not read, listed at the end` : "");
  const planes = [...new Set(frames.map((frame) => frame.plane ?? ""))].sort();
  byId("plane").append(...planes.map((plane) => element("option", { value: plane }, plane || "no label")));
  byId("legend").append(...data.structures.map((one) => element("span", {}, chip(one, String(one.number)), ` ${one.label}`)));
  byId("failed").hidden = failed === 0;
  byId("failures").tBodies[0].append(...data.failures.map(
    (failure) => element("tr", {}, ...failure.map((text) => element("td", {}, text)))));
  for (const id of ["search", "plane", "warning"]) byId(id).addEventListener("input", show);
  byId("more").addEventListener("click", more);
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  show();
}

start();
