// `follow` while whoever runs this suite restarts the server, in good order and otherwise.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { connect, EventsDocument, follow } from "@jackfield/client";
import { createClient as createSseClient } from "graphql-sse";
import WebSocket from "ws";
import { authorization, execute, key, url, wsUrl } from "./server.js";

const PUBLISH = "mutation ($input: PublishEventInput!) { publishEvent(input: $input) { userErrors { message } } }";
const type = "suite.restart";
/** How often each client shall have lost its connection. */
const LOST = 4;

const again = { ws: 0, sse: 0 };
const ws = connect({ url: wsUrl, token: key, webSocketImpl: WebSocket, retryWait: () => sleep(20) });
ws.on("connected", (_socket, _payload, wasRetry) => (again.ws += wasRetry ? 1 : 0));
const sse = createSseClient({
  url,
  headers: authorization,
  retryAttempts: Infinity,
  retry: () => sleep(20),
  on: { connected: (wasRetry) => (again.sse += wasRetry ? 1 : 0) },
});

/** Publishes an event, however often that takes; it is stored once. */
async function publish(n, last) {
  for (;;) {
    try {
      const { publishEvent } = await execute(PUBLISH, { input: { type, data: { n, last }, idempotencyKey: `${n}` } });
      return assert.deepEqual(publishEvent.userErrors, []);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      await sleep(20);
    }
  }
}

async function numbers(client) {
  const seen = [];
  const variables = { types: [type], after: "00000000000000000000000000" };
  for await (const { events } of follow(client, EventsDocument, variables)) {
    seen.push(events.event.data.n);
    if (events.event.data.last) break;
  }
  return seen;
}

test("neither client misses an event or sees one twice", async () => {
  const following = Promise.all([numbers(ws), numbers(sse)]);
  let n = 0;
  while (Math.min(again.ws, again.sse) < LOST) {
    await publish(n, false);
    n += 1;
  }
  await publish(n, true);
  const all = Array.from({ length: n + 1 }, (_, n) => n);
  assert.deepEqual(await following, [all, all]);
  ws.dispose();
  sse.dispose();
});
