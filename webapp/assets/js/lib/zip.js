/** A ZIP of files as they are: photos are compressed already. The same files in the same order give the same bytes. */
const CRC = new Uint32Array(256).map((_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
const UTF8_NAME = 0x0800;
const FIRST_DAY = 0x0021; // 1 January 1980: when a file was changed says nothing here

/** CRC-32 of bytes (Uint8Array), as ZIP wants it. */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ CRC[(crc ^ byte) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/**
 * entries: [{name, file}], name with / between folders, file a Blob; fewer than 65,536 and less than 4 GB together.
 * said(done) is called after each file. Resolves to a Blob; rejects with the entry when a file cannot be read.
 */
export async function packed(entries, said = () => {}) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const [place, { name, file }] of entries.entries()) {
    let content;
    try {
      content = new Uint8Array(await file.arrayBuffer());
    } catch {
      throw Object.assign(new Error("a file cannot be read"), { name: "Unreadable", file: name });
    }
    const label = new TextEncoder().encode(name);
    const common = numbers([2, 20], [2, UTF8_NAME], [2, 0], [2, 0], [2, FIRST_DAY], [4, crc32(content)],
      [4, content.length], [4, content.length], [2, label.length], [2, 0]);
    // the file itself goes in, not what was read of it: the browser keeps it on the disk
    parts.push(numbers([4, 0x04034b50]), common, label, file);
    directory.push(numbers([4, 0x02014b50], [2, 20]), common, numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, at]), label);
    at += 4 + common.length + label.length + content.length;
    said(place + 1);
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const count = entries.length;
  const end = numbers([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, at], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: "application/zip" });
}

/** Little-endian bytes of [width, value] pairs. */
function numbers(...pairs) {
  const bytes = new Uint8Array(pairs.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let place = 0;
  for (const [width, value] of pairs) {
    if (width === 2) view.setUint16(place, value, true);
    else view.setUint32(place, value, true);
    place += width;
  }
  return bytes;
}
