/* Stands for a browser: what the player asks of a document, and what is clicked in it. */
const listeners = {};
const canvas = new Proxy({}, { get: (_, name) => (name === "getContext" ? () => canvas : name === "clientWidth" ? 900 : () => {}), set: () => true });
const node = (id) => ({ id, style: { setProperty() {} }, classList: { toggle() {} }, children: [], attributes: {},
  append(...more) { this.children.push(...more); }, replaceChildren(...more) { this.children = more; },
  setAttribute(name, value) { this.attributes[name] = value; }, addEventListener(kind, act) { listeners[`${id}:${kind}`] = act; },
  getContext: () => canvas, clientWidth: 900, getBoundingClientRect: () => ({ left: 0, width: 900 }), checked: true,
  get textContent() { return blocks[id] ?? this.text; }, set textContent(text) { this.text = text; } });
const known = {};
const document = { getElementById: (id) => (known[id] ??= node(id)), createElement: (tag) => node(tag), documentElement: {} };
const window = { addEventListener() {}, devicePixelRatio: 1 };
const getComputedStyle = () => ({ getPropertyValue: () => "#000" });
class Image { addEventListener() {} set src(value) { if (!value.startsWith("data:image/webp;base64,")) throw value; } }
/* what is asked */
const at = () => known.told.text;
const heard = [at()];
listeners["curve:click"]({ clientX: 899 });
heard.push(at());
listeners["place:input"]({ target: { value: "0" } });
heard.push(at());
console.log(JSON.stringify({ told: heard, best: known.best.children.length, seen: known.seen.children.length }));
