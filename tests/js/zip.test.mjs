/** What the browser packs is a ZIP that any program reads; what is in it is what was chosen. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { crc32, packed } from "../../webapp/assets/js/lib/zip.js";

const entries = [
  { name: "照片/一班/2024900001.jpg", file: new Blob([Uint8Array.from({ length: 70_000 }, (_, n) => n % 251)]) },
  { name: "照片/二班/空.jpg", file: new Blob([]) },
];

test("the checksum is the one of the standard", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("another program reads the names and the bytes", async () => {
  const said = [];
  const bytes = new Uint8Array(await (await packed(entries, (done) => said.push(done))).arrayBuffer());
  assert.deepEqual(said, [1, 2]);
  const folder = mkdtempSync(join(tmpdir(), "zip-"));
  try {
    writeFileSync(join(folder, "a.zip"), bytes);
    const program = "import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; "
      + "print(json.dumps([[i.filename, i.file_size, z.read(i)[:3].hex()] for i in z.infolist()]))";
    const read = execFileSync(process.env.PYTHON ?? "python3", ["-c", program, join(folder, "a.zip")], { encoding: "utf8" });
    assert.deepEqual(JSON.parse(read), [["照片/一班/2024900001.jpg", 70_000, "000102"], ["照片/二班/空.jpg", 0, ""]]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const again = new Uint8Array(await (await packed(entries)).arrayBuffer());
  assert.deepEqual(again, bytes, "the same folder is the same file");
});

test("a file that cannot be read any more is named", async () => {
  const gone = { name: "a/b.jpg", file: { arrayBuffer: () => Promise.reject(new Error("gone")) } };
  await assert.rejects(packed([entries[0], gone]), { name: "Unreadable", file: "a/b.jpg" });
});
