/** Draws the guide into an <svg viewBox="0 0 480 640">: head and shoulders, and a band for each thing to meet. */
import { HEIGHT, WIDTH, outline, pixels } from "./geometry.js";

const SPACE = "http://www.w3.org/2000/svg";

/** @param {string} name @param {object} attributes @param {Element[]} inside */
function node(name, attributes, inside = []) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...inside);
  return made;
}

function person(guide) {
  const { x, top, chin, head, neck, collar } = outline(guide);
  const [jaw, broad, low] = [chin - 0.1 * (chin - top), 1.72 * head, collar + 0.62 * head];
  const side = (to) => `${x + to * neck} ${collar - 14} C ${x + to * neck} ${collar + 14}, ${x + to * 1.25 * head} ${collar + 16},
    ${x + to * 1.45 * head} ${collar + 34} S ${x + to * broad} ${low - 20}, ${x + to * broad} ${HEIGHT + 20}`;
  return node("g", { class: "guide__person" }, [
    node("ellipse", { cx: x, cy: (top + chin) / 2, rx: head, ry: (chin - top) / 2 }),
    node("path", { d: `M ${x - neck} ${jaw} L ${side(-1)} M ${x + neck} ${jaw} L ${side(1)}` }),
  ]);
}

function mark(icons, x, y) {
  const tick = node("svg", { x: x - 16, y: y - 16, width: 32, height: 32, viewBox: "0 0 24 24", class: "guide__icon guide__icon--yes" }, [
    node("use", { href: `${icons}#check` }),
  ]);
  const open = node("svg", { x: x - 16, y: y - 16, width: 32, height: 32, viewBox: "0 0 24 24", class: "guide__icon guide__icon--no" }, [
    node("use", { href: `${icons}#dots` }),
  ]);
  return node("g", { class: "guide__mark" }, [node("circle", { cx: x, cy: y, r: 20 }), tick, open]);
}

function band(name, words, icons, shapes, [x, y]) {
  const text = node("text", { x: x - 28, y: y + 8, "text-anchor": "end" });
  text.textContent = words;
  return node("g", { class: "guide__band", "data-band": name, "data-met": "unknown" }, [...shapes, text, mark(icons, x, y)]);
}

/**
 * @param {SVGElement} svg @param {object} guide of the live settings @param {{headTop: string, eyes: string, faceWidth: string}} words
 * @param {string} icons  address of the icons' file
 */
export function drawGuide(svg, guide, words, icons) {
  const [top, eyes] = [pixels(guide.head_top, HEIGHT), pixels(guide.eye_line, HEIGHT)];
  const face = pixels(guide.face_width, WIDTH);
  const middle = WIDTH / 2;
  const flat = ([low, high]) => node("rect", { x: 0, y: low, width: WIDTH, height: high - low });
  const cheek = (side) => node("rect", {
    x: side < 0 ? middle - face[1] / 2 : middle + face[0] / 2,
    y: eyes[1] + 6,
    width: (face[1] - face[0]) / 2,
    height: 84,
    rx: 10,
  });
  svg.replaceChildren(
    person(guide),
    band("headTop", words.headTop, icons, [flat(top)], [WIDTH - 34, (top[0] + top[1]) / 2]),
    band("eyes", words.eyes, icons, [flat(eyes)], [WIDTH - 34, (eyes[0] + eyes[1]) / 2]),
    band("faceWidth", words.faceWidth, icons, [cheek(-1), cheek(1)], [WIDTH - 34, eyes[1] + 48]),
  );
}

/** @param {SVGElement} svg @param {{[band: string]: "yes" | "no" | "unknown"}} state */
export function showMet(svg, state) {
  for (const group of svg.querySelectorAll("[data-band]")) {
    const now = state[group.dataset.band];
    if (group.dataset.met !== now) group.dataset.met = now;
  }
}
