// Server-sent events as a browser's `EventSource` takes them: it connects again by itself, with the last id.

import { setTimeout as sleep } from "node:timers/promises";

/** After these the same stream can be asked for again. */
const PASSING = new Set(["TOO_SLOW", "UNAVAILABLE"]);

/** The results of a subscription, over as many connections as it takes, until the server completes it or `signal` ends it. */
export async function* follow(url, query, variables, headers, signal) {
  const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  let last;
  while (!signal.aborted) {
    for await (const { event, id, data } of once(`${url}?${parameters}`, { ...headers, ...(last && { "Last-Event-ID": last }) }, signal)) {
      if (event === "complete") return;
      const { data: shown, errors } = JSON.parse(data);
      if (errors && !errors.every(({ extensions }) => PASSING.has(extensions.code))) throw new Error(JSON.stringify(errors));
      if (errors) break;
      last = id;
      yield shown;
    }
    await sleep(Math.random() * 20);
  }
}

/** The messages of one connection, until it is lost. What has not arrived as a whole does not count. */
async function* once(address, headers, signal) {
  const response = await quietly(fetch(address, { headers: { ...headers, Accept: "text/event-stream" }, signal }));
  if (!response) return;
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const read = await quietly(reader.read());
      if (!read || read.done) return;
      const messages = (text + decoder.decode(read.value, { stream: true })).split("\n\n");
      text = messages.pop();
      for (const message of messages) {
        const fields = message.split("\n").map((line) => line.match(/^(\w*): ?(.*)$/));
        const parsed = Object.fromEntries(fields.filter(Boolean).map(([, name, value]) => [name, value]));
        if (parsed.event) yield parsed;
      }
    }
  } finally {
    await quietly(reader.cancel());
  }
}

/** What a promise comes to, and nothing when a connection was lost over it. */
const quietly = (promise) => promise.catch(() => undefined);
