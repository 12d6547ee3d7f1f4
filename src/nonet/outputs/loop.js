"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const { loop } = data;
const MARGIN = 130;
const CURVE = 110;
const ROW = 15;
const FRAME_MS = 80;

/* An element with text and attributes; text is never read as markup. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const boxesOf = loop.frames.map(() => []);
loop.tracks.forEach((track, row) => {
  for (const one of track.boxes) boxesOf[one.number].push({ structure: data.structures[row], edges: one.box });
});

/* Pictures by the number of their frame, decoded when first shown. */
const pictures = new Map(data.pictures.map((number) => [number, null]));

function pictureOf(number) {
  if (!pictures.get(number)) {
    const made = new Image();
    made.addEventListener("load", () => { if (shown === number) drawPicture(); });
    made.src = `data:${data.media};base64,${byId(`picture-${number}`).textContent}`;
    pictures.set(number, made);
  }
  return pictures.get(number);
}

let shown = data.pictures[0];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function drawPicture() {
  const image = pictureOf(shown);
  if (!image.complete || !image.naturalWidth) return;
  const canvas = byId("picture");
  canvas.width = image.naturalWidth * 2;
  canvas.height = image.naturalHeight * 2;
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  if (!byId("boxes").checked) return;
  const scale = canvas.width / loop.width;
  for (const { structure, edges } of boxesOf[shown]) {
    const [x1, y1, x2, y2] = edges.map((edge) => edge * scale);
    for (const [ink, width] of [["#000", 4], [structure.colour, 2]]) {
      pen.strokeStyle = ink;
      pen.lineWidth = width;
      pen.strokeRect(x1, y1, x2 - x1, y2 - y1);
    }
    pen.font = "bold 15px system-ui, sans-serif";
    pen.fillStyle = structure.colour;
    pen.strokeStyle = "#000";
    pen.lineWidth = 3;
    pen.strokeText(structure.number, x2 + 4, y1 + 12);
    pen.fillText(structure.number, x2 + 4, y1 + 12);
  }
}

function drawCurve() {
  const canvas = byId("curve");
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = CURVE + 24 + ROW * loop.tracks.length + 8;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const x = (number) => MARGIN + ((number + 0.5) / loop.frames.length) * (width - MARGIN - 10);
  const y = (value) => 8 + (1 - value) * CURVE;
  pen.font = "12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  pen.fillStyle = colour("--dim");
  pen.strokeStyle = colour("--line");
  for (const value of [0, 0.5, 1]) {
    pen.fillText(String(value), MARGIN - 24, y(value));
    pen.beginPath();
    pen.moveTo(MARGIN, y(value));
    pen.lineTo(width - 10, y(value));
    pen.stroke();
  }
  pen.fillText("plane quality", 0, y(0.5));
  pen.strokeStyle = colour("--accent");
  pen.lineWidth = 2;
  pen.beginPath();
  let broken = true;
  for (const one of loop.frames) {
    if (one.plane_smoothed === null) { broken = true; continue; }
    pen[broken ? "moveTo" : "lineTo"](x(one.number), y(one.plane_smoothed));
    broken = false;
  }
  pen.stroke();
  pen.fillStyle = colour("--ink");
  for (const one of loop.frames) {
    if (one.plane_probability === null || one.taken === "copied") continue;
    pen.beginPath();
    pen.arc(x(one.number), y(one.plane_probability), 2, 0, 7);
    pen.fill();
  }
  const step = (width - MARGIN - 10) / loop.frames.length;
  loop.tracks.forEach((track, row) => {
    const top = CURVE + 24 + row * ROW;
    pen.fillStyle = colour("--dim");
    pen.fillText(data.structures[row].label, 0, top + ROW / 2);
    pen.fillStyle = data.structures[row].colour;
    for (const one of track.boxes) pen.fillRect(x(one.number) - step / 2, top + 3, step + 0.5, ROW - 6);
  });
  pen.strokeStyle = colour("--warn");
  pen.lineWidth = 1.5;
  pen.beginPath();
  pen.moveTo(x(shown), 2);
  pen.lineTo(x(shown), height - 4);
  pen.stroke();
}

const WAYS = {
  read: "read as a still is",
  followed: "head followed from an earlier frame",
  boxed: "head followed from an earlier frame, boxes alone",
  copied: "near-identical to frame",
};

function told(frame) {
  const way = frame.taken === "copied" ? `${WAYS.copied} ${frame.taken_from + 1}, not computed` : WAYS[frame.taken];
  const around = frame.plane_smoothed === null ? "plane not graded" : `plane ${frame.plane_smoothed.toFixed(2)} by the frames around it`;
  const plane = frame.plane_probability === null ? around : `plane ${frame.plane_probability.toFixed(2)} (${frame.plane_label})`;
  return `Frame ${frame.number + 1} of ${loop.frames.length}: ${plane}; ${way}`;
}

function show(number) {
  shown = number;
  byId("place").value = String(data.pictures.indexOf(number));
  const frame = loop.frames[number];
  byId("told").textContent = told(frame);
  byId("seen").replaceChildren(...data.structures.map((structure) => {
    const made = element("span", { class: "chip" }, String(structure.number));
    made.style.setProperty("--colour", frame.visible.includes(structure.key) ? structure.colour : "transparent");
    made.classList.toggle("off", !frame.visible.includes(structure.key));
    made.title = `${structure.label}: ${frame.visible.includes(structure.key) ? "seen" : "not seen"}`;
    return made;
  }));
  drawPicture();
  drawCurve();
}

/* The frame with a picture that is nearest to a number. */
function nearest(number) {
  return data.pictures.reduce((one, other) => (Math.abs(other - number) < Math.abs(one - number) ? other : one));
}

let ticking = null;

function play(on) {
  clearInterval(ticking);
  ticking = on ? setInterval(() => {
    const place = data.pictures.indexOf(shown) + 1;
    show(data.pictures[place % data.pictures.length]);
  }, FRAME_MS) : null;
  byId("play").textContent = on ? "pause" : "play";
  byId("play").setAttribute("aria-pressed", String(on));
}

function bestItem(one) {
  const button = element("button", { type: "button" }, `frame ${one.number + 1}`);
  button.addEventListener("click", () => { play(false); show(nearest(one.number)); });
  return element("li", {}, button, element("span", {}, ` ${one.reasons.join("; ")}`));
}

function start() {
  byId("summary").textContent = data.summary;
  byId("place").max = String(data.pictures.length - 1);
  byId("place").addEventListener("input", (event) => { play(false); show(data.pictures[Number(event.target.value)]); });
  byId("play").addEventListener("click", () => play(ticking === null));
  byId("boxes").addEventListener("input", drawPicture);
  byId("curve").addEventListener("click", (event) => {
    const box = byId("curve").getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN) / (box.width - MARGIN - 10);
    show(nearest(Math.round(share * loop.frames.length - 0.5)));
  });
  byId("best").append(...loop.best.map(bestItem));
  byId("warnings").append(...loop.warnings.map((text) => element("li", { class: "warn" }, text)));
  window.addEventListener("resize", drawCurve);
  show(nearest(loop.best.length ? loop.best[0].number : 0));
}

start();
