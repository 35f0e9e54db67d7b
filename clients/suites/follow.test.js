// `follow` of clients/typescript: nothing is missed and nothing comes twice, whatever happens to the connections.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, test } from "node:test";
import { connect, EventsDocument, follow, FollowError, RunUpdatesDocument } from "@jackfield/client";
import { createClient as createSseClient } from "graphql-sse";
import WebSocket from "ws";
import { Proxy } from "./proxy.js";
import { authorization, execute, key, origin, startRun, wsUrl } from "./server.js";

/** The cursor before everything. */
const START = "00000000000000000000000000";
const PUBLISH = "mutation ($input: PublishEventsInput!) { publishEvents(input: $input) { userErrors { message } } }";
const CREATE = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id } } }`;
const REVOKE = "mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { userErrors { message } } }";

const open = [];
after(() => open.forEach((what) => what.close?.() ?? what.dispose?.()));

const opened = (what) => (open.push(what), what);
const overWs = (options) => opened(connect({ url: wsUrl, token: key, webSocketImpl: WebSocket, ...options }));

/** Publishes events with the numbers from `from` up to `to`, and nothing of it when there are user errors. */
async function publishNumbers(type, from, to, padding = "") {
  const events = [];
  for (let n = from; n < to; n += 1) events.push({ type, data: { n, padding } });
  const { publishEvents } = await execute(PUBLISH, { input: { events } });
  assert.deepEqual(publishEvents.userErrors, []);
}

/** The numbers of the first `count` updates. */
async function numbers(updates, count) {
  const seen = [];
  for await (const { events } of updates) {
    seen.push(events.event.data.n);
    if (seen.length === count) break;
  }
  return seen;
}

const upTo = (count) => Array.from({ length: count }, (_, n) => n);

const WAYS = {
  "graphql-ws": (proxy) =>
    overWs({ url: `${proxy.origin.replace("http", "ws")}/graphql`, retryWait: () => sleep(Math.random() * 20) }),
  "graphql-sse": (proxy) =>
    opened(
      createSseClient({
        url: `${proxy.origin}/graphql`,
        headers: authorization,
        retryAttempts: Infinity,
        retry: () => sleep(Math.random() * 20),
      }),
    ),
};

for (const [way, client] of Object.entries(WAYS)) {
  test(`connections that are cut at random, over ${way}`, async () => {
    const COUNT = 5000;
    const type = `suite.cut.${way}`;
    const proxy = opened(await Proxy.start(origin));
    const following = numbers(follow(client(proxy), EventsDocument, { types: [type], after: START }), COUNT);
    let done = false;
    const cutting = (async () => {
      while (!done) {
        await sleep(5 + Math.random() * 60);
        proxy.cut();
      }
    })();
    for (let n = 0; n < COUNT; ) {
      const next = Math.min(COUNT, n + 1 + Math.floor(Math.random() * 40));
      await publishNumbers(type, n, next, "x".repeat(Math.random() * 2000));
      n = next;
    }
    const seen = await following;
    done = true;
    await cutting;
    assert.deepEqual(seen, upTo(COUNT));
    assert.ok(proxy.cuts >= 10, `the connection was cut ${proxy.cuts} times only`);
  });
}

test("one who takes updates slowly keeps few of them in memory", async () => {
  const COUNT = 500;
  const type = "suite.slow";
  let subscriptions = 0;
  const client = overWs();
  const counted = {
    subscribe(...given) {
      subscriptions += 1;
      return client.subscribe(...given);
    },
  };
  await publishNumbers(type, 0, COUNT);
  const updates = follow(counted, EventsDocument, { types: [type], after: START }, { most: 50 });
  assert.deepEqual(await numbers(updates, COUNT), upTo(COUNT));
  assert.ok(subscriptions >= 3, `there were ${subscriptions} subscriptions`);
});

test("one whom the server has found too slow goes on where it was", async () => {
  const COUNT = 4000;
  const type = "suite.stuck";
  const client = overWs();
  const told = [];
  client.on("message", (message) => message.type === "error" && told.push(message.payload[0].extensions.code));
  const socket = new Promise((resolve) => client.on("opened", resolve));
  const updates = follow(client, EventsDocument, { types: [type], after: START });
  // Who has seen all that was stored is shown what happens, of which so much is kept for him and no more.
  for (const n of [0, 1, 2]) {
    await publishNumbers(type, n, n + 1);
    assert.equal((await updates.next()).value.events.event.data.n, n);
  }
  const stuck = await socket;
  stuck.pause();
  for (let n = 3; n < COUNT; n += 100) await publishNumbers(type, n, Math.min(COUNT, n + 100), "x".repeat(10_000));
  stuck.resume();
  assert.deepEqual(await numbers(updates, COUNT - 3), upTo(COUNT).slice(3));
  assert.deepEqual(told, ["TOO_SLOW"]);
});

test("a run is followed to its end", async () => {
  const runId = await startRun("PT0.3S");
  let last;
  for await (const { runUpdates } of follow(overWs(), RunUpdatesDocument, { runId })) last = runUpdates.run;
  assert.deepEqual([last.status, last.output], ["SUCCEEDED", { number: 42 }]);
});

test("a signal ends it", async () => {
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), 100);
  const updates = follow(overWs(), EventsDocument, { types: ["nothing.of.it"] }, { signal: stopping.signal });
  assert.equal((await updates.next()).done, true);
});

test("what the server refuses is thrown", async () => {
  for (const client of [overWs(), WAYS["graphql-sse"]({ origin })]) {
    const updates = follow(client, EventsDocument, { after: "nonsense" });
    await assert.rejects(updates.next(), (error) => {
      assert.ok(error instanceof FollowError);
      assert.equal(error.errors[0].extensions.code, "BAD_USER_INPUT");
      return true;
    });
  }
});

test("a token that is refused at once is not tried again", async () => {
  const client = overWs({ token: "jackfield_sk_wrong" });
  await assert.rejects(follow(client, EventsDocument, {}).next(), { code: 4403 });
});

test("a token that is accepted no more is replaced by a fresh one, for all subscriptions", async () => {
  const { createApiKey } = await execute(CREATE, { input: { name: "of a follower", role: "VIEWER" } });
  const tokens = [createApiKey.secret, key];
  const asked = [];
  const client = overWs({
    token: async () => {
      asked.push(asked.length);
      return tokens.length > 1 ? tokens.shift() : tokens[0];
    },
    retryWait: () => sleep(10),
  });
  const [one, two] = ["suite.fresh.one", "suite.fresh.two"].map((type) =>
    follow(client, EventsDocument, { types: [type], after: START }),
  );
  await publishNumbers("suite.fresh.one", 0, 1);
  await publishNumbers("suite.fresh.two", 0, 1);
  assert.equal((await one.next()).value.events.event.data.n, 0);
  assert.equal((await two.next()).value.events.event.data.n, 0);
  await execute(REVOKE, { input: { apiKeyId: createApiKey.apiKey.id } });
  await publishNumbers("suite.fresh.one", 1, 2);
  await publishNumbers("suite.fresh.two", 1, 2);
  assert.equal((await one.next()).value.events.event.data.n, 1);
  assert.equal((await two.next()).value.events.event.data.n, 1);
  assert.deepEqual(asked, [0, 1]);
});
