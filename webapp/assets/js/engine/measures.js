/**
 * What is measured on a frame: the twins of the measures in backend/compliance/checks/. Constants and places in the
 * mesh come from the settings; a measure that cannot be made throws, and the finding is "unknown".
 *
 * @typedef {Float32Array} Mesh  478 times x, y, z; pixels of the frame, z in the same scale, smaller is nearer
 * @typedef {{data: Uint8ClampedArray, width: number, height: number}} Pixels  RGBA
 * @typedef {{faces: Mesh[], pixels: Pixels, outline: () => Float32Array, scale: number, settings: object}} Frame
 *   faces: the largest first; outline: how much each pixel belongs to the person, 0..1; scale: pixels of a registration
 *   picture per pixel of the frame
 */

const DEGREES = 180 / Math.PI;

/** @param {Mesh} mesh @param {number} index @returns {[number, number, number]} */
function point(mesh, index) {
  return [mesh[3 * index], mesh[3 * index + 1], mesh[3 * index + 2]];
}

/** @param {Mesh} mesh @param {number} one @param {number} other */
function distance(mesh, one, other) {
  return Math.hypot(mesh[3 * one] - mesh[3 * other], mesh[3 * one + 1] - mesh[3 * other + 1]);
}

/** @param {Mesh} mesh @param {object} measures @returns {[number, number]} the middle of the pupils */
export function eyeMiddle(mesh, { pupils: [left, right] }) {
  return [(mesh[3 * left] + mesh[3 * right]) / 2, (mesh[3 * left + 1] + mesh[3 * right + 1]) / 2];
}

/** From the eyes to the chin. */
function faceLength(mesh, measures) {
  const [x, y] = eyeMiddle(mesh, measures);
  const [chinX, chinY] = point(mesh, measures.chin);
  return Math.max(1, Math.hypot(chinX - x, chinY - y));
}

/** The vertical axis: the middle of cheeks and pupils. */
function axis(mesh, measures) {
  const [left, right] = measures.cheeks;
  return ((mesh[3 * left] + mesh[3 * right]) / 2 + eyeMiddle(mesh, measures)[0]) / 2;
}

/** @param {Mesh} mesh @param {number[]} indices @returns {{x: number, y: number, width: number, height: number}} */
export function boxOf(mesh, indices = Array.from({ length: mesh.length / 3 }, (_, index) => index)) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const index of indices) {
    const [x, y] = point(mesh, index);
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A second find inside the first face is the same face. @param {Frame} frame */
function howManyFaces({ faces }) {
  const first = boxOf(faces[0]);
  const others = faces.slice(1).filter((face) => {
    const { x, y, width, height } = boxOf(face);
    const [middleX, middleY] = [x + width / 2, y + height / 2];
    const inside = first.x < middleX && middleX < first.x + first.width;
    return !(inside && first.y < middleY && middleY < first.y + first.height);
  });
  return 1 + others.length;
}

/**
 * The row where the head begins: hair counts, a loose strand does not.
 * @param {Float32Array} person @param {number} width @param {number} height @param {Mesh} mesh
 */
export function headTop(person, width, height, mesh, measures) {
  const [middle, face] = [axis(mesh, measures), distance(mesh, ...measures.cheeks)];
  const left = Math.max(0, Math.trunc(middle - measures.head_column * face));
  const right = Math.min(width, Math.trunc(middle + measures.head_column * face) + 1);
  const bottom = Math.trunc(Math.min(height, Math.max(1, eyeMiddle(mesh, measures)[1])));
  const wanted = measures.head_run * face;
  let above = 0;
  for (let row = 0; row < bottom && left < right; row += 1) {
    let here = 0; // soft width: a half-covered pixel counts half
    for (let x = left; x < right; x += 1) here += person[row * width + x];
    if (here >= wanted) return row === 0 ? 0 : row - (here - wanted) / Math.max(here - above, 1e-6);
    above = here;
  }
  return left < right ? bottom : 0;
}

/** @param {Mesh} mesh @param {number[]} pair @returns {[number, number]} */
function middle(mesh, [one, other]) {
  return [(mesh[3 * one] + mesh[3 * other]) / 2, (mesh[3 * one + 1] + mesh[3 * other + 1]) / 2];
}

/** Degrees of the head turned sideways: how far eyes and chin lie beside the middle of the cheeks. */
function turned(mesh, measures) {
  const [left, right] = measures.eye_corners.map((pair) => middle(mesh, pair));
  const [cheeks, chin] = [middle(mesh, measures.cheeks), point(mesh, measures.chin)];
  const beside = [0, 1].map((at) => (left[at] + right[at]) / 4 + chin[at] / 2 - cheeks[at]);
  const across = [right[0] - left[0], right[1] - left[1]];
  const along = (beside[0] * across[0] + beside[1] * across[1]) / Math.max(Math.hypot(...across), 1);
  return (measures.turn * along) / Math.max(distance(mesh, ...measures.cheeks), 1);
}

/** Degrees from the first to the second of two points. */
function slope(mesh, [one, other]) {
  return Math.atan2(mesh[3 * other + 1] - mesh[3 * one + 1], mesh[3 * other] - mesh[3 * one]) * DEGREES;
}

/** Degrees of the eyes, or of the head (eyes, mouth, and square to the line from bridge to chin) where it leans more. */
function tilt(mesh, measures) {
  const eyes = slope(mesh, measures.pupils);
  const head = (eyes + slope(mesh, measures.mouth_corners) + slope(mesh, [measures.bridge, measures.chin]) - 90) / 3;
  return Math.max(Math.abs(eyes), Math.abs(head));
}

/** Degrees of the head turned sideways or nodded, whichever is more. */
function headPose(mesh, measures) {
  const [forehead, chin] = [point(mesh, measures.forehead), point(mesh, measures.chin)];
  const pitch = Math.atan2(chin[2] - forehead[2], chin[1] - forehead[1]) * DEGREES;
  return Math.max(Math.abs(turned(mesh, measures)), measures.pitch_weight * Math.abs(pitch - measures.usual_pitch));
}

/** The widest gap of those pairs of points. */
function gap(mesh, pairs) {
  return Math.max(...pairs.map(([upper, lower]) => distance(mesh, upper, lower)));
}

/** The brightness (luma, as the server reckons it) that the brightest part of the picture reaches, 0..255. */
export function brightness({ data, width, height }, { bright_share: share, bright_every: every }) {
  const counts = new Uint32Array(256);
  let total = 0;
  for (let y = 0; y < height; y += every) {
    for (let x = 0; x < width; x += every) {
      const at = 4 * (y * width + x);
      counts[Math.round(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2])] += 1;
      total += 1;
    }
  }
  const place = (total - 1) * (1 - share);
  const [below, above] = [nth(counts, Math.floor(place)), nth(counts, Math.ceil(place))];
  return below + (above - below) * (place - Math.floor(place));
}

/** The value at a place in the sorted row that these counts stand for. */
function nth(counts, place) {
  let seen = 0;
  for (let value = 0; value < counts.length; value += 1) {
    seen += counts[value];
    if (seen > place) return value;
  }
  return counts.length - 1;
}

/**
 * How little a further blur changes a part of the picture, in the worse direction: 0 sharp .. 1 blurred.
 * @param {Float32Array} grey @param {number} width @param {number} height @param {number} kernel
 */
export function blurEffect(grey, width, height, kernel) {
  const along = lines(grey, width, height, kernel, true);
  const across = lines(grey, width, height, kernel, false);
  return Math.max(across, along);
}

/** One direction: the differences between neighbours before and after a box blur. The edge is mirrored. */
function lines(grey, width, height, kernel, vertical) {
  const [count, length, step, stride] = vertical ? [width, height, width, 1] : [height, width, 1, width];
  const half = (kernel - 1) / 2;
  const soft = new Float64Array(length);
  let [total, lost] = [0, 0];
  for (let line = 0; line < count; line += 1) {
    const at = (place) => {
      const inside = place < 0 ? -place : place >= length ? 2 * length - 2 - place : place;
      return grey[line * stride + inside * step];
    };
    let sum = 0;
    for (let place = -half; place <= half; place += 1) sum += at(place);
    for (let place = 0; place < length; place += 1) {
      soft[place] = sum / kernel;
      sum += at(place + half + 1) - at(place - half);
    }
    for (let place = 1; place < length; place += 1) {
      const before = Math.abs(at(place) - at(place - 1));
      total += before;
      lost += Math.max(0, before - Math.abs(soft[place] - soft[place - 1]));
    }
  }
  return total === 0 ? 1 : 1 - lost / total;
}

/** The blur of the rectangle round the face. */
function blur({ faces: [mesh], pixels, settings: { measures } }) {
  const box = boxOf(mesh, measures.oval);
  const left = Math.max(0, Math.trunc(box.x));
  const top = Math.max(0, Math.trunc(box.y));
  const width = Math.min(pixels.width, Math.trunc(box.x + box.width)) - left;
  const height = Math.min(pixels.height, Math.trunc(box.y + box.height)) - top;
  if (Math.min(width, height) < 2 * measures.blur_kernel) throw new RangeError("the face is too small to judge");
  return blurEffect(greyPart(pixels, left, top, width, height), width, height, measures.blur_kernel);
}

/** A part as grey levels, rounded to whole ones. */
function greyPart({ data, width: whole }, left, top, width, height) {
  const grey = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = 4 * ((top + y) * whole + left + x);
      grey[y * width + x] = Math.round(0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]);
    }
  }
  return grey;
}

/**
 * One measure for each check of a frame. Gives the value, or the value with the reason that fits the advice.
 * @type {Record<string, (frame: Frame) => number | [number, string]>}
 */
export const MEASURES = {
  NO_FACE: ({ faces }) => (faces.length ? 1 : 0), // the model answers with a face only when it is sure of one
  MANY_FACES: howManyFaces,
  FACE_WIDTH: ({ faces: [mesh], scale, settings: { measures } }) => distance(mesh, ...measures.cheeks) * scale,
  CENTERING: ({ faces: [mesh], pixels, scale, settings: { measures } }) => {
    const off = (axis(mesh, measures) - pixels.width / 2) * scale;
    return [Math.abs(off), off < 0 ? "left" : "right"];
  },
  EYE_LINE: ({ faces: [mesh], scale, settings: { measures } }) => eyeMiddle(mesh, measures)[1] * scale,
  HEAD_TOP: ({ faces: [mesh], pixels: { width, height }, outline, scale, settings: { measures } }) =>
    Math.max(0, headTop(outline(), width, height, mesh, measures)) * scale,
  EYE_TILT: ({ faces: [mesh], settings: { measures } }) => tilt(mesh, measures),
  HEAD_POSE: ({ faces: [mesh], settings: { measures } }) => headPose(mesh, measures),
  EYES_CLOSED: ({ faces: [mesh], settings: { measures } }) =>
    Math.min(...measures.lids.map((pairs) => gap(mesh, pairs))) / faceLength(mesh, measures),
  MOUTH_OPEN: ({ faces: [mesh], settings: { measures } }) => gap(mesh, measures.lips) / faceLength(mesh, measures),
  UNDEREXPOSED: ({ pixels, settings: { measures } }) => brightness(pixels, measures),
  BLUR: blur,
};
