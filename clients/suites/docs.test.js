// The examples of docs/api, executed in the order in which they stand there, with the answers that the pages show.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { blocks, table } from "./markdown.js";
import { authorization, execute, key, url } from "./server.js";

const run = promisify(execFile);
const FOLDER = "../docs/api";
const SCRIPT = "suites/.example.js";
after(() => rm(SCRIPT, { force: true }));

const SESSION = "mutation { createSessionToken(input: {role: VIEWER}) { token } }";
const viewer = (await execute(SESSION)).createSessionToken.token;

/** What was answered last in the place of an ellipsis: by the name of the field, and by the prefix of an id. */
const last = new Map();

/** How the kinds of blocks are executed. */
const perform = {
  graphql: (text, following) => graphql(text, key, following),
  "graphql as viewer": (text, following) => graphql(text, viewer, following),
  async sh(text, following) {
    if (text === "jackfield schema") return;
    const { stdout } = await run("bash", ["-euc", `curl() { command curl --silent "$@"; }\n${text}`]);
    compare(stdout, following);
  },
  async js(text, following) {
    await writeFile(SCRIPT, text);
    const { stdout } = await run("node", [SCRIPT]);
    compare(stdout, following);
  },
};

async function graphql(query, token, following) {
  const variables = JSON.parse(filled(following("json variables") ?? "{}"));
  const response = await fetch(url, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: JSON.stringify({ query: filled(query), variables }),
  });
  const answer = await response.json();
  const shown = following("json answer");
  if (shown === undefined) assert.equal(answer.errors, undefined);
  else matchAnswer(answer, JSON.parse(shown));
}

/** Holds what a command has printed to the answer or the text that is shown. */
function compare(printed, following) {
  const answer = following("json answer");
  if (answer !== undefined) return matchAnswer(JSON.parse(printed), JSON.parse(answer));
  match(printed.trim(), following("text printed"), "printed");
}

/** Holds an answer to what is shown of it. Its extensions, such as what the request may have cost, are shown only where they matter. */
function matchAnswer({ extensions, ...answer }, shown) {
  match("extensions" in shown ? { ...answer, extensions } : answer, shown, "answer");
}

/** Holds a value to what is shown of it, where `…` in a string stands for any text, which is remembered. */
function match(value, shown, name) {
  if (typeof shown === "string" && shown.includes("…") && value !== shown) {
    const pattern = shown.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    assert.match(String(value), new RegExp(`^${pattern.join("[^]*?")}$`), name);
    last.set(shown === "…" ? name : shown, value);
  } else if (shown !== null && typeof shown === "object") {
    assert.ok(value !== null && typeof value === "object", `${name} is ${value}`);
    assert.deepEqual(Object.keys(value), Object.keys(shown), name);
    for (const [key, part] of Object.entries(shown)) match(value[key], part, key);
  } else {
    assert.equal(value, shown, name);
  }
}

/** A text with what was answered last in place of its ellipses. */
function filled(text) {
  return text.replace(/(?:"(\w+)": )?"(\w*…)"/g, (whole, name, placeholder) => {
    const known = placeholder === "…" ? (last.get(name) ?? last.get("endCursor")) : last.get(placeholder);
    assert.ok(known, `nothing was answered for ${whole}`);
    return whole.replace(placeholder, known);
  });
}

for (const name of (await readdir(FOLDER)).sort()) {
  const page = await readFile(`${FOLDER}/${name}`, "utf8");
  const all = blocks(page);
  all.forEach((block, index) => {
    const example = perform[block.kind];
    if (!example) return;
    const following = (kind) => {
      const rest = all.slice(index + 1);
      const end = rest.findIndex(({ kind }) => kind in perform);
      return (end < 0 ? rest : rest.slice(0, end)).find((block) => block.kind === kind)?.text;
    };
    test(`${name}:${block.line}`, () => example(block.text, following));
  });
  test(`${name} has no block that is not understood`, () => {
    const known = [...Object.keys(perform), "json variables", "json answer", "text printed", "json", "ts"];
    assert.deepEqual(all.filter(({ kind }) => !known.includes(kind)), []);
  });
}

test("errors.md names every code", async () => {
  const source = await readFile("../crates/graphql/src/errors/mod.rs", "utf8");
  const codes = [...source.matchAll(/=> "([A-Z_]+)"/g)].map(([, code]) => code);
  const page = await readFile(`${FOLDER}/errors.md`, "utf8");
  assert.ok(codes.length > 10);
  assert.deepEqual(table(page, "Code").map(([code]) => code.replaceAll("`", "")).sort(), codes.sort());
});

test("authentication.md names every close code", async () => {
  const source = await readFile("../crates/server/src/http/socket/close.rs", "utf8");
  const codes = [...source.matchAll(/=> (\d{4}),/g)].map(([, code]) => code);
  const page = await readFile(`${FOLDER}/authentication.md`, "utf8");
  assert.deepEqual(table(page, "Close code").map(([code]) => code).sort(), codes.sort());
});

test("limits.md says how much a document may have", async () => {
  const fields = (count) => Array.from({ length: count }, (_, n) => `a${n}: __typename`).join(" ");
  const runs = (below) => `workflows(first: 100) { nodes { versions(first: 100) { nodes { ${below} } } } }`;
  const tooMuch = {
    bytes: `{ viewer { role } } #${"x".repeat(200_000)}`,
    tokens: `{ viewer { ${"role ".repeat(11_000)} } }`,
    "levels of fields": `{ ${"a { ".repeat(30)} b ${"} ".repeat(30)} }`,
    "fields with fragments expanded": `{ viewer { ${"role ".repeat(2500)} } }`,
    aliases: `{ viewer { ${fields(150)} } }`,
    directives: `{ viewer { role ${"@include(if: true) ".repeat(60)} } }`,
    "root fields": `{ ${"viewer { role } ".repeat(40)} }`,
    "levels of lists in introspection": `{ __schema { types { ${"fields { type { ".repeat(3)} name ${"} } ".repeat(3)} } } }`,
    "values in its variables": {
      query: "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
      variables: { ids: Array(60_000).fill("wf_") },
    },
    "points of cost": `{ ${runs("workflow { versions(first: 100) { nodes { id } } }")} }`,
  };
  const page = await readFile(`${FOLDER}/limits.md`, "utf8");
  for (const [what, most] of table(page, "What")) {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...authorization, "Content-Type": "application/json" },
      body: JSON.stringify(typeof tooMuch[what] === "string" ? { query: tooMuch[what] } : tooMuch[what]),
    });
    const { errors } = await response.json();
    assert.equal(errors?.[0].extensions.code, "TOO_COMPLEX", what);
    assert.match(errors[0].message, new RegExp(` ${what}; at most ${most.replaceAll(",", "")} are allowed.$`));
    delete tooMuch[what];
  }
  assert.deepEqual(Object.keys(tooMuch), []);
});

test("every link within the pages leads somewhere", async () => {
  for (const name of await readdir(FOLDER)) {
    const page = await readFile(`${FOLDER}/${name}`, "utf8");
    for (const [, target, anchor] of page.matchAll(/\]\(([^)#:]+)(?:#([^)]*))?\)/g)) {
      const text = await readFile(`${FOLDER}/${target}`, "utf8");
      const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-"),
      );
      assert.ok(anchor === undefined || anchors.includes(anchor), `${name}: ${target}#${anchor}`);
    }
  }
});
