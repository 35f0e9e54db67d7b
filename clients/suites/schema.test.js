// schema.graphql as tools see it: graphql-eslint, graphql-codegen, relay-compiler, and graphql-inspector against the last release.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { generate } from "@graphql-codegen/cli";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { ESLint } from "eslint";
import { buildSchema, getNamedType, isInputObjectType, parse, TypeInfo, visit, visitWithTypeInfo } from "graphql";
import { operations } from "./everything.js";

const run = promisify(execFile);
const text = await readFile("../schema.graphql", "utf8");
const schema = buildSchema(text);
const scratch = await mkdtemp(join(tmpdir(), "jackfield-schema-"));
after(() => rm(scratch, { recursive: true }));

/** What the linter finds and stays: the definition, the rule, and why. */
const KEPT = {
  "EventType naming-convention": "the word for it, and for nothing else",
  "NodeType naming-convention": "the word for it, and for nothing else",
  "ProviderEventType naming-convention": "the word for it, and for nothing else",
  "ResourceType naming-convention": "the word for it, and for nothing else",
  "Resource no-typename-prefix": "`resourceType` is what `ResourceFilter` and `NodeType` call it, too",
};

test("graphql-eslint finds nothing", async () => {
  assert.deepEqual(await findings(text), Object.keys(KEPT).sort());
});

test("graphql-eslint finds what has no description, and lists without pages", async () => {
  const worse = text
    .replace(/"""[^"]*"""\n  name: String!/, "name: String!")
    .replace("type RunEdge {", "type RunEdge {\n  runs: RunConnection");
  const found = (await findings(worse)).filter((finding) => !(finding in KEPT));
  assert.deepEqual(found, ["ApiKey require-description", "RunEdge relay-arguments", "RunEdge require-description"]);
});

/** The definition and the rule of everything that the linter says about a schema. */
async function findings(text) {
  const [{ messages }] = await new ESLint().lintText(text, { filePath: "schema.graphql" });
  const { definitions } = parse(text);
  const found = messages.map(({ line, ruleId, message }) => {
    const within = definitions.findLast((definition) => definition.loc.startToken.line <= line);
    return `${within.name?.value} ${ruleId?.replace("@graphql-eslint/", "") ?? message}`;
  });
  return found.sort();
}

test("what is deprecated says from when on it may be gone", () => {
  assert.deepEqual(undated(text), []);
  const reasons = ['"Use `b`. Gone from 2027-06-01 on."', '"Use `b`."'];
  const fields = reasons.map((reason, n) => `field${n}: Int @deprecated(reason: ${reason})`);
  assert.deepEqual(undated(`type Query { ${fields.join(" ")} }`), ["Use `b`."]);
});

/** The reasons of deprecations in which there is no date. */
function undated(text) {
  const found = [];
  const Directive = ({ name, arguments: [reason] }) => {
    if (name.value === "deprecated" && !/\b\d{4}-\d{2}-\d{2}\b/.test(reason?.value.value)) found.push(reason?.value.value);
  };
  visit(parse(text), { Directive });
  return found;
}

test("the operations cover every type", () => {
  const typeInfo = new TypeInfo(schema);
  const reached = new Set();
  const reach = (type) => {
    const named = getNamedType(type);
    if (!named || reached.has(named.name)) return;
    reached.add(named.name);
    if (isInputObjectType(named)) Object.values(named.getFields()).forEach((field) => reach(field.type));
  };
  const enter = () => [typeInfo.getType(), typeInfo.getInputType(), typeInfo.getParentType()].forEach(reach);
  visit(parse(operations(schema, "All").join("\n")), visitWithTypeInfo(typeInfo, { enter }));
  const types = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith("__"));
  assert.deepEqual(types.filter((name) => !reached.has(name)), []);
});

test("graphql-codegen types every operation, and the types are right", async () => {
  const [document, types] = [join(scratch, "all.graphql"), join(scratch, "types")];
  await writeFile(document, operations(schema, "All").join("\n"));
  await generate(
    {
      schema: "../schema.graphql",
      documents: document,
      generates: { [`${types}/`]: { preset: "client", presetConfig: { fragmentMasking: false } } },
      silent: true,
    },
    true,
  );
  const core = "@graphql-typed-document-node/core";
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: "nodenext",
    target: "es2022",
    types: [],
    paths: { [core]: [resolve("node_modules", core)] },
  };
  const project = join(scratch, "tsconfig.json");
  await writeFile(project, JSON.stringify({ compilerOptions, files: [join(types, "graphql.ts")] }));
  await run("node_modules/.bin/tsc", ["--project", project]);
});

test("relay-compiler compiles every operation", async () => {
  const tags = operations(schema, "All").map((operation) => `graphql\`${operation}\`;`);
  await writeFile(join(scratch, "All.js"), tags.join("\n"));
  const config = { src: scratch, schema: resolve("../schema.graphql"), language: "javascript", eagerEsModules: true };
  const file = join(scratch, "relay.config.json");
  await writeFile(file, JSON.stringify(config));
  await run("node_modules/.bin/relay-compiler", [file]);
  const artifacts = await readdir(join(scratch, "__generated__"));
  assert.equal(artifacts.filter((name) => name.endsWith(".graphql.js")).length, tags.length);
});

test("nothing breaks what was released, but for what CHANGELOG.md lists", async () => {
  const released = await readFile("../schema.released.graphql", "utf8");
  const changelog = await readFile("../CHANGELOG.md", "utf8");
  assert.deepEqual(await unlisted(released, text, changelog), []);
});

test("what breaks a release is found until CHANGELOG.md lists it", async () => {
  const [before, now] = ["type Query { one: Int two: Int }", "type Query { one: Int }"];
  const changelog = (line) => `# Changelog\n\n## Unreleased\n\n${line}\n\n## 0.1.0\n\n- \`Query.two\` is new.\n`;
  assert.deepEqual(await unlisted(before, now, changelog("- Faster.")), ["Query.two: Field 'two' was removed from object type 'Query'"]);
  assert.deepEqual(await unlisted(before, now, changelog("- **Breaking**: `Query.two` is gone.")), []);
});

/** The changes that break clients and are not named in backticks in what CHANGELOG.md has of the next release. */
async function unlisted(before, now, changelog) {
  const [, unreleased] = changelog.split(/^## .*$/m);
  const changes = await diff(buildSchema(before), buildSchema(now));
  return changes
    .filter(({ criticality, path }) => criticality.level === CriticalityLevel.Breaking && !unreleased.includes(`\`${path}\``))
    .map(({ path, message }) => `${path}: ${message}`);
}
