/** How fast is fast enough, and how long to wait. */

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 8000;

/** @param {number[]} values @returns {number} */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Changing costs a start: the second has to be clearly quicker. @returns {"first" | "second"} */
export function pick(first, second) {
  return second < 0.8 * first ? "second" : "first";
}

/** How long to wait after so many failures in a row, milliseconds. */
export function backOff(failures) {
  return failures < 1 ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (failures - 1));
}
