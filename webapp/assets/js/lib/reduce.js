/** How large a picture is sent at most; the check needs far less, and phones take up to 200 megapixels. */
export const LONGEST = 4096;

/**
 * @param {number} width @param {number} height  pixels
 * @returns {{width: number, height: number} | null}  null: small enough as it is
 */
export function wantedSize(width, height) {
  const longer = Math.max(width, height);
  if (longer <= LONGEST) return null;
  return { width: Math.round((width * LONGEST) / longer), height: Math.round((height * LONGEST) / longer) };
}
