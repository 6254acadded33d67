/** What the server says, written by tests/webapp/test_scripts.py. */
import { readFileSync } from "node:fs";

export const cases = JSON.parse(readFileSync(process.env.LIVE_CASES, "utf8"));
