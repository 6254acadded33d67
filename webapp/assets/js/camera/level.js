/** How far the phone leans to a side. Pure. */
export const LEVEL_DEGREES = 2.5; // so little nobody sees on a photo

/**
 * @param {number | null} beta @param {number | null} gamma  of a deviceorientation event, degrees
 * @param {number} angle  of the screen, degrees
 * @returns {number | null}  degrees to turn, clockwise positive; null: lying flat, or not told
 */
export function leaning(beta, gamma, angle) {
  if (beta === null || gamma === null || beta === undefined || gamma === undefined) return null;
  const [b, g] = [(beta * Math.PI) / 180, (gamma * Math.PI) / 180];
  // gravity in the plane of the screen
  const [x, y] = [Math.cos(b) * Math.sin(g), Math.sin(b)];
  if (Math.hypot(x, y) < 0.35) return null;
  const roll = (Math.atan2(x, y) * 180) / Math.PI - angle;
  return ((roll + 540) % 360) - 180;
}
