/** What the page of bulk photos works out about its files is what the server works out. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { keyOf, pace, plainPath } from "../../webapp/assets/js/lib/bulk.js";

const sha = (bytes) => createHash("sha256").update(bytes).digest("hex");

test("a path is plain as the server keeps it (bulk.rules.plain_path)", () => {
  assert.equal(plainPath("一班/202400001.jpg"), "一班/202400001.jpg");
  assert.equal(plainPath("C:\\照片\\a.jpg"), "C:/照片/a.jpg");
  assert.equal(plainPath("../../etc/passwd"), "etc/passwd");
  assert.equal(plainPath(""), "?");
  assert.equal(plainPath(`${"x".repeat(300)}.jpg`), `${"x".repeat(236)}.jpg`);
});

test("a file is known by its content and its path", async () => {
  const file = new Blob(["picture"]);
  const key = await keyOf(file, "一班/a.jpg");
  assert.equal(key, sha(`${sha("picture")}\n一班/a.jpg`));
  assert.notEqual(key, await keyOf(file, "二班/a.jpg"));
  assert.notEqual(key, await keyOf(new Blob(["other"]), "一班/a.jpg"));
});

test("the pace is said only when somebody can know it", () => {
  assert.equal(pace(2, 100, 60000), null);
  assert.equal(pace(10, 100, 500), null);
  assert.deepEqual(pace(60, 120, 60000), { perMinute: 60, minutes: 2 });
  assert.deepEqual(pace(3, 0, 60000), { perMinute: 3, minutes: 1 });
});
