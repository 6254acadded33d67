/** What a pile of files needs to know about its files. No DOM. */

/** The path as the server keeps it (bulk.rules.plain_path): folders with "/", nothing that leads elsewhere. */
export function plainPath(text) {
  const parts = text.replaceAll("\\", "/").split("/").filter((part) => part && part !== "." && part !== "..");
  return [...parts.join("/")].slice(-240).join("") || "?";
}

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (bytes) => hex(await crypto.subtle.digest("SHA-256", bytes));

/**
 * The key by which the server knows a file (bulk.queries.known_keys).
 * @param {Blob} file @param {string} path @returns {Promise<string>}  "" where the browser cannot hash (plain HTTP)
 */
export async function keyOf(file, path) {
  if (!globalThis.crypto?.subtle) return "";
  const content = await sha256(await file.arrayBuffer());
  return sha256(new TextEncoder().encode(`${content}\n${path}`));
}

/**
 * How fast it goes, and how long it will take.
 * @param {number} sent  files that went over the line @param {number} left @param {number} ms  since the first
 * @returns {{perMinute: number, minutes: number} | null}  null while nobody can say
 */
export function pace(sent, left, ms) {
  if (sent < 3 || ms < 2000) return null;
  const perMinute = Math.max(1, Math.round((sent / ms) * 60000));
  return { perMinute, minutes: Math.max(1, Math.ceil(left / perMinute)) };
}
