// The examples of clients/typescript: they print what they say, and exit.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { startRun } from "./server.js";

const PRINTED = {
  fetch: /^(workflow waits [\d.]+ is PUBLISHED\n)+input\.type INVALID\npublished an event\n$/,
  apollo: /^the run has SUCCEEDED\n$/,
  urql: /^followed 1, 2, 3\nurql shows example\.urql\n$/,
};

await startRun("PT0.1S");

for (const [name, printed] of Object.entries(PRINTED)) {
  test(name, async () => {
    const { stdout } = await promisify(execFile)("node", [`typescript/examples/${name}.js`]);
    assert.match(stdout, printed);
  });
}
