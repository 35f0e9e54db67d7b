// npm `graphql-ws` on the real server.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { Proxy } from "./proxy.js";
import { WebSocketWithHeader, authorization, execute, firstOf, origin, startRun, wsUrl } from "./server.js";

const EVENTS = "subscription ($types: [String!]) { events(types: $types) { cursor event { type data } } }";
const open = [];
after(() => open.forEach((client) => client.dispose()));

function connect(options = {}) {
  const client = createClient({
    url: wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: authorization,
    ...options,
  });
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
  assert.deepEqual(await ending(connect(), query, { input: { name: "over_ws", value: [1, "two"] } }), {
    results: [{ data: { setVariable: { variable: { value: [1, "two"] }, userErrors: [] } } }],
  });
});

test("a subscription, which the client ends while its socket goes on", async () => {
  const client = connect();
  const held = client.iterate({ query: EVENTS, variables: { types: ["nothing.of.it"] } });
  const waiting = held.next();
  const events = client.iterate({ query: EVENTS, variables: { types: ["suite.ws"] } });
  const { data } = await firstOf(events, "suite.ws");
  assert.deepEqual(data.events.event, { type: "suite.ws", data: { from: "a suite" } });
  await events.return();
  const { results } = await ending(client, "{ viewer { role } }");
  assert.equal(results.length, 1);
  await held.return();
  assert.equal((await waiting).done, true);
});

test("a subscription that the server completes", async () => {
  const run = await startRun("PT0.3S");
  const query = "subscription ($run: ID!) { runUpdates(runId: $run) { run { status output } } }";
  const { results, error } = await ending(connect(), query, { run });
  assert.equal(error, undefined);
  assert.deepEqual(results.at(-1).data.runUpdates.run, { status: "SUCCEEDED", output: { number: 42 } });
});

test("an operation that is not valid, on a socket that goes on", async () => {
  const client = connect({ lazyCloseTimeout: 1000 });
  const { results, error } = await ending(client, "{ nothing }");
  assert.deepEqual(results, []);
  assert.equal(error[0].extensions.code, "GRAPHQL_VALIDATION_FAILED");
  assert.equal((await ending(client, "{ viewer { role } }")).results.length, 1);
});

test("an operation that cannot be executed", async () => {
  const { results } = await ending(connect(), "{ runs(first: 1000) { totalCount } }");
  assert.equal(results[0].errors[0].extensions.code, "BAD_USER_INPUT");
});

test("a client that says who it is by header", async () => {
  const client = connect({ webSocketImpl: WebSocketWithHeader, connectionParams: undefined });
  assert.equal((await ending(client, "{ viewer { role } }")).results.length, 1);
});

for (const [who, connectionParams] of [
  ["with a wrong key", { Authorization: "Bearer jackfield_sk_wrong" }],
  ["without a key", undefined],
]) {
  test(`a client ${who} is closed with 4403`, async () => {
    const { error } = await ending(connect({ connectionParams, retryAttempts: 0 }), "{ viewer { role } }");
    assert.equal(error.code, 4403);
  });
}

test("a key that is revoked closes its socket with 4403", async () => {
  const { createApiKey } = await execute(
    `mutation { createApiKey(input: {name: "of a suite", role: VIEWER}) { secret apiKey { id } } }`,
  );
  const client = connect({
    connectionParams: { Authorization: `Bearer ${createApiKey.secret}` },
    retryAttempts: 0,
  });
  const ended = ending(client, EVENTS);
  await new Promise((resolve) => client.on("connected", resolve));
  await execute("mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { userErrors { message } } }", {
    input: { apiKeyId: createApiKey.apiKey.id },
  });
  assert.equal((await ended).error.code, 4403);
});

test("pings are answered", async () => {
  const client = connect({ keepAlive: 50 });
  const events = client.iterate({ query: EVENTS });
  const waiting = events.next();
  await new Promise((resolve) => client.on("pong", (received) => received && resolve()));
  await events.return();
  await waiting;
});

test("a connection that is cut is made again, and its subscription with it", async () => {
  const proxy = await Proxy.start(origin);
  const client = connect({
    url: `${proxy.origin.replace("http", "ws")}/graphql`,
    retryWait: () => Promise.resolve(),
    shouldRetry: () => true,
  });
  const events = client.iterate({ query: EVENTS, variables: { types: ["suite.before", "suite.after"] } });
  await firstOf(events, "suite.before");
  proxy.cut();
  await firstOf(events, "suite.after");
  assert.ok(proxy.connections >= 2);
  await events.return();
  proxy.close();
});
