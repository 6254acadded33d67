/** Where things are on the screen and in the frame. Pure. */

/** The guide is drawn in pixels of the finished photo. */
export const WIDTH = 480;
export const HEIGHT = 640;

/**
 * The largest 3:4 part in the middle of a picture: what the frame shows.
 * @param {number} width @param {number} height  pixels
 * @returns {{x: number, y: number, width: number, height: number}}  whole pixels
 */
export function middle(width, height) {
  const wide = width * HEIGHT > height * WIDTH;
  const part = wide
    ? { width: Math.round((height * WIDTH) / HEIGHT), height }
    : { width, height: Math.round((width * HEIGHT) / WIDTH) };
  return { x: Math.round((width - part.width) / 2), y: Math.round((height - part.height) / 2), ...part };
}

/**
 * The largest 3:4 box within an area, in its middle.
 * @param {{width: number, height: number}} area
 */
export function fitted({ width, height }) {
  const wide = Math.min(width, (height * WIDTH) / HEIGHT);
  const high = (wide * HEIGHT) / WIDTH;
  return { x: (width - wide) / 2, y: (height - high) / 2, width: wide, height: high };
}

/**
 * How the whole picture lies when its middle part fills the frame: the rest bleeds out beyond it.
 * @param {{x: number, y: number, width: number, height: number}} frame  on the screen
 * @param {number} width @param {number} height  of the picture
 */
export function behind(frame, width, height) {
  const part = middle(width, height);
  const scale = frame.width / part.width;
  return {
    x: frame.x - part.x * scale,
    y: frame.y - part.y * scale,
    width: width * scale,
    height: height * scale,
  };
}

/**
 * The guide in pixels of the finished photo, from the limits of the standard.
 * @param {object} guide  of the live settings, shares of the frame
 */
export function outline(guide) {
  const [top, eyes] = [guide.wanted.head_top * HEIGHT, guide.wanted.eye_line * HEIGHT];
  const face = guide.wanted.face_width * WIDTH;
  const chin = eyes + 0.75 * face; // from the eyes to the chin are three quarters of the width of a face
  return { x: WIDTH / 2, top, eyes, chin, head: 0.66 * face, neck: 0.34 * face, collar: chin + 0.24 * face };
}

/** @param {Array<number | null>} band shares @param {number} whole pixels @returns {[number, number]} */
export function pixels(band, whole) {
  const [low, high] = band;
  return [(low ?? 0) * whole, (high ?? 1) * whole];
}

/**
 * Which bands are met: "yes", "no", or "unknown" while nobody is in the frame.
 * @param {{findings: Array<{code: string, verdict: string}>, points: object | null} | null} sight
 * @param {object} guide
 */
export function met(sight, guide) {
  const said = (code) => sight?.findings.find((finding) => finding.code === code)?.verdict;
  const word = (verdict) => (verdict === undefined || verdict === "unknown" ? "unknown" : verdict === "ok" ? "yes" : "no");
  const place = (value, [low, high]) => (value >= (low ?? 0) && value <= (high ?? 1) ? "yes" : "no");
  const top = said("HEAD_TOP");
  return {
    headTop: top === undefined && sight?.points ? place(sight.points.headTop, guide.head_top) : word(top),
    eyes: word(said("EYE_LINE")),
    faceWidth: word(said("FACE_WIDTH")),
  };
}

/** In a mirrored preview what is left in the file is right on the screen. */
export function onScreen(reason, mirrored) {
  if (!mirrored) return reason;
  return { left: "right", right: "left" }[reason] ?? reason;
}
