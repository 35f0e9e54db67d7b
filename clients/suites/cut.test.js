// Followers behind a proxy that cuts their connections at random, and may connect them with another node each time. Whoever runs
// this suite says how much is written meanwhile.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { connect, DeliveryUpdatesDocument, EventsDocument, follow, RunUpdatesDocument } from "@jackfield/client";
import { print } from "graphql";
import { createClient as createSseClient } from "graphql-sse";
import WebSocket from "ws";
import { follow as followEventSource } from "./event_source.js";
import { authorization, executeAt, given, key, startRun } from "./server.js";

const nodes = given("JACKFIELD_NODES").split(" ");
const proxy = `${given("JACKFIELD_PROXY")}/graphql`;
const endpointId = given("JACKFIELD_ENDPOINT");
const EVENTS = Number(given("JACKFIELD_EVENTS"));
const DELIVERIES = Math.min(2000, EVENTS / 25);
const RUNS = Math.min(100, EVENTS / 250);

/** The cursor before everything. */
const START = "00000000000000000000000000";
const PUBLISH = "mutation ($input: PublishEventsInput!) { publishEvents(input: $input) { userErrors { message } } }";
const COUNT = `query ($endpoint: ID!) {
  deliveries(filter: { webhookEndpointId: $endpoint, status: SUCCEEDED }) { totalCount }
}`;
/** How long the followers may take to see the end after all is written. */
const PATIENCE = 60_000;
const atMost = (milliseconds) => sleep(milliseconds, undefined, { ref: false });

const ending = new AbortController();
const clients = [];
after(() => {
  ending.abort();
  clients.forEach((client) => client.dispose());
});

const opened = (client) => (clients.push(client), client);
const retry = () => sleep(Math.random() * 20);
const overWs = () =>
  opened(connect({ url: proxy.replace("http", "ws"), token: key, webSocketImpl: WebSocket, retryWait: retry }));
const overSse = () =>
  opened(createSseClient({ url: proxy, headers: authorization, retryAttempts: Infinity, retry }));
const { signal } = ending;

const of = (type) => ({ types: [type], after: START });
const WAYS = {
  "graphql-ws": () => follow(overWs(), EventsDocument, of("suite.cut"), { signal }),
  "graphql-sse": () => follow(overSse(), EventsDocument, of("suite.cut"), { signal }),
  "Last-Event-ID": () => followEventSource(proxy, print(EventsDocument), of("suite.cut"), authorization, signal),
};

/** Publishes `count` events, in lists, at all nodes beside each other. */
async function publish(type, from, count) {
  let next = from;
  const work = async (node) => {
    while (next < count) {
      const first = next;
      next = Math.min(count, first + 1 + Math.floor(Math.random() * 200));
      const events = [];
      for (let n = first; n < next; n += 1) events.push({ type, data: { n, padding: "x".repeat(Math.random() * 200) } });
      const { publishEvents } = await executeAt(node, PUBLISH, { input: { events } });
      assert.deepEqual(publishEvents.userErrors, []);
    }
  };
  await Promise.all(nodes.map(work));
}

/** Takes updates until `isLast` is true of what has been seen. */
async function take(updates, field, isLast) {
  const seen = [];
  for await (const data of updates) {
    seen.push(data[field]);
    if (isLast(data[field], seen)) break;
  }
  return seen;
}

/** Each cursor comes after the one before: nothing came twice, and nothing in another order. */
function assertInOrder(seen) {
  const repeated = seen.filter(({ cursor }, n) => n > 0 && cursor <= seen[n - 1].cursor);
  assert.deepEqual(repeated, [], "came again, or too late");
}

/** Of the numbers from 0 up to `count` those that are not among these, and how many of these are too many. */
function compare(numbers, count) {
  const known = new Set(numbers);
  const missed = Array.from({ length: count }, (_, n) => n).filter((n) => !known.has(n));
  return { missed: missed.length, repeated: numbers.length - known.size };
}

let started;
const following = {};
before(() => {
  started = Date.now();
  for (const [way, open] of Object.entries(WAYS)) {
    let met;
    const first = new Promise((resolve) => (met = resolve));
    const isLast = (update) => (met(), update.event.data.last);
    following[way] = { first, all: take(open(), "events", isLast) };
  }
});

test("what is written while connections are cut", async (t) => {
  await publish("suite.cut", 0, 1);
  // From here on they do not only read what is stored, but are told what happens.
  await Promise.all(Object.values(following).map(({ first }) => first));
  await publish("suite.cut", 1, EVENTS);
  const input = { events: [{ type: "suite.cut", data: { n: EVENTS, last: true } }] };
  await executeAt(nodes[0], PUBLISH, { input });
  t.diagnostic(`${EVENTS} events in ${Date.now() - started} ms`);
});

for (const way of Object.keys(WAYS)) {
  test(`events over ${way}`, async (t) => {
    const seen = await Promise.race([following[way].all, atMost(PATIENCE + EVENTS)]);
    assert.ok(seen, "the last event does not come");
    const figures = compare(seen.map(({ event }) => event.data.n), EVENTS + 1);
    t.diagnostic(`${seen.length} events in ${Date.now() - started} ms, ${JSON.stringify(figures)}`);
    assert.deepEqual(figures, { missed: 0, repeated: 0 });
    assertInOrder(seen);
  });
}

test("deliveries", async (t) => {
  const arrived = new Set();
  const updates = follow(overWs(), DeliveryUpdatesDocument, { endpointId, after: START }, { signal });
  const all = take(updates, "deliveryUpdates", ({ delivery }) => {
    if (delivery.status === "SUCCEEDED") arrived.add(delivery.id);
    return arrived.size === DELIVERIES;
  });
  await publish("suite.delivered", 0, DELIVERIES);
  for (let count = 0; count < DELIVERIES; await sleep(50)) {
    ({ totalCount: count } = (await executeAt(nodes[0], COUNT, { endpoint: endpointId })).deliveries);
  }
  const seen = await Promise.race([all, atMost(PATIENCE)]);
  assert.ok(seen, `${DELIVERIES - arrived.size} of ${DELIVERIES} deliveries are missed`);
  t.diagnostic(`${seen.length} updates of ${DELIVERIES} deliveries`);
  assertInOrder(seen);
  const last = seen.filter(({ delivery }) => delivery.status === "SUCCEEDED");
  assert.equal(last.length, DELIVERIES);
});

test("runs", async (t) => {
  const client = overWs();
  const followed = Array.from({ length: RUNS }, async () => {
    const runId = await startRun(`PT${(Math.random() * 3).toFixed(2)}S`);
    const seen = await take(follow(client, RunUpdatesDocument, { runId }, { signal }), "runUpdates", () => false);
    assertInOrder(seen);
    assert.deepEqual([seen.at(-1)?.run.status, seen.at(-1)?.run.output], ["SUCCEEDED", { number: 42 }]);
    const done = seen.filter(({ step }) => step?.status === "SUCCEEDED").map(({ step }) => step.nodeKey);
    assert.deepEqual(done, ["start", "wait", "answer"]);
    return seen.length;
  });
  const updates = await Promise.race([Promise.all(followed), atMost(PATIENCE)]);
  assert.ok(updates, "the end of a run is missed");
  t.diagnostic(`${updates.reduce((sum, count) => sum + count)} updates of ${RUNS} runs`);
});
