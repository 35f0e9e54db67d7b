// npm `graphql-sse` on the real server, in its distinct connections mode.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createClient } from "graphql-sse";
import { Proxy } from "./proxy.js";
import { authorization, execute, firstOf, origin, publish, startRun, url } from "./server.js";

const EVENTS = `subscription ($types: [String!], $after: String) {
  events(types: $types, after: $after) { cursor event { type data } }
}`;
const open = [];
after(() => open.forEach((client) => client.dispose()));

function connect(options = {}) {
  const client = createClient({ url, headers: authorization, ...options });
  open.push(client);
  return client;
}

/** What a subscription ends with. */
function ending(client, query, variables) {
  const results = [];
  return new Promise((resolve) =>
    client.subscribe(
      { query, variables },
      {
        next: (result) => results.push(result),
        error: (error) => resolve({ results, error }),
        complete: () => resolve({ results }),
      },
    ),
  );
}

test("a query", async () => {
  assert.deepEqual(await ending(connect(), "{ viewer { role } }"), {
    results: [{ data: { viewer: { role: "OWNER" } } }],
  });
});

test("a mutation", async () => {
  const query = "mutation ($input: SetVariableInput!) { setVariable(input: $input) { variable { value } userErrors { message } } }";
  assert.deepEqual(await ending(connect(), query, { input: { name: "over_sse", value: [1, "two"] } }), {
    results: [{ data: { setVariable: { variable: { value: [1, "two"] }, userErrors: [] } } }],
  });
});

test("a subscription, which the client ends", async () => {
  const events = connect().iterate({ query: EVENTS, variables: { types: ["suite.sse"] } });
  const { data } = await firstOf(events, "suite.sse");
  assert.deepEqual(data.events.event, { type: "suite.sse", data: { from: "a suite" } });
  await events.return();
});

test("a subscription that the server completes", async () => {
  const run = await startRun("PT0.3S");
  const query = "subscription ($run: ID!) { runUpdates(runId: $run) { run { status output } } }";
  const { results, error } = await ending(connect(), query, { run });
  assert.equal(error, undefined);
  assert.deepEqual(results.at(-1).data.runUpdates.run, { status: "SUCCEEDED", output: { number: 42 } });
});

test("an operation that is not valid", async () => {
  const { results } = await ending(connect(), "{ nothing }");
  assert.equal(results[0].errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
});

test("an operation that cannot be executed", async () => {
  const { results } = await ending(connect(), "{ runs(first: 1000) { totalCount } }");
  assert.equal(results[0].errors[0].extensions.code, "BAD_USER_INPUT");
});

for (const [who, headers] of [
  ["with a wrong key", { Authorization: "Bearer jackfield_sk_wrong" }],
  ["without a key", {}],
]) {
  test(`a client ${who} learns that it has to say who it is`, async () => {
    const { results, error } = await ending(connect({ headers, retryAttempts: 0 }), "{ viewer { role } }");
    const { errors } = results[0] ?? (await error.response.json());
    assert.equal(errors[0].extensions.code, "UNAUTHENTICATED");
  });
}

test("a stream of a key that is revoked ends", async () => {
  const { createApiKey } = await execute(
    `mutation { createApiKey(input: {name: "of the suite of events", role: VIEWER}) { secret apiKey { id } } }`,
  );
  const headers = { Authorization: `Bearer ${createApiKey.secret}` };
  let connected;
  const isOpen = new Promise((resolve) => (connected = resolve));
  const ended = ending(connect({ headers, retry: () => Promise.resolve(), retryAttempts: 1, on: { connected } }), EVENTS);
  await isOpen;
  await execute("mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { userErrors { message } } }", {
    input: { apiKeyId: createApiKey.apiKey.id },
  });
  assert.equal((await ended).error?.response.status, 401);
});

test("a connection that is cut is made again, and its subscription with it", async () => {
  const proxy = await Proxy.start(origin);
  const client = connect({ url: `${proxy.origin}/graphql`, retry: () => Promise.resolve() });
  const events = client.iterate({ query: EVENTS, variables: { types: ["suite.before", "suite.after"] } });
  await firstOf(events, "suite.before");
  proxy.cut();
  await firstOf(events, "suite.after");
  await events.return();
  proxy.close();
});

test("Last-Event-ID goes on after an event", async () => {
  const type = `suite.last.${Date.now()}`;
  const ids = [];
  for (const n of [1, 2, 3]) ids.push(await publish(type, { n }));
  const first = await rest(type, {}, 3);
  assert.deepEqual(first.map((message) => message.data.events.event.id), ids);
  const again = await rest(type, { "Last-Event-ID": first[0].id }, 2);
  assert.deepEqual(again, first.slice(1));
});

/** So many messages of all events of a type, as a browser's `EventSource` reads them. */
async function rest(type, headers, count) {
  const parameters = new URLSearchParams({
    query: "subscription ($types: [String!], $after: String) { events(types: $types, after: $after) { event { id } cursor } }",
    variables: JSON.stringify({ types: [type], after: "00000000000000000000000000" }),
  });
  const response = await fetch(`${url}?${parameters}`, {
    headers: { ...authorization, Accept: "text/event-stream", ...headers },
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split("\n\n").length > count) break;
  }
  return text.split("\n\n").slice(0, count).map(parse);
}

function parse(message) {
  const lines = message.split("\n").map((line) => line.match(/^(\w*): ?(.*)$/));
  const { id, data } = Object.fromEntries(lines.map(([, name, value]) => [name, value]));
  return { id, data: JSON.parse(data).data };
}
