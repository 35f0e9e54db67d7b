// urql: queries, mutations and its own subscriptions; `follow` where none may be missed, over the same socket.
// @ts-check

import { connect, EventsDocument, follow, LastEventDocument, PublishEventDocument } from "@jackfield/client";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import WebSocket from "ws";

const { JACKFIELD_URL = "", JACKFIELD_KEY = "" } = process.env;

const live = connect({
  url: `${JACKFIELD_URL.replace("http", "ws")}/graphql`,
  token: JACKFIELD_KEY,
  webSocketImpl: WebSocket,
});
const urql = new Client({
  url: `${JACKFIELD_URL}/graphql`,
  preferGetMethod: false,
  fetchOptions: { headers: { Authorization: `Bearer ${JACKFIELD_KEY}` } },
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = "", variables }) => ({
        subscribe: (sink) => ({ unsubscribe: live.subscribe({ query, variables }, sink) }),
      }),
    }),
  ],
});

// The place of the last event: whatever comes after it is shown, also what comes before the subscription has begun.
const last = await urql.query(LastEventDocument, {}).toPromise();
const after = last.data?.events.edges[0]?.cursor ?? "00000000000000000000000000";

const type = "example.urql";
for (const n of [1, 2, 3]) {
  const { data, error } = await urql.mutation(PublishEventDocument, { input: { type, data: { n } } }).toPromise();
  if (error || data?.publishEvent.userErrors.length) throw new Error("the event was not published");
}

const seen = [];
for await (const { events } of follow(live, EventsDocument, { types: [type], after })) {
  seen.push(/** @type {{ n: number }} */ (events.event.data).n);
  if (seen.length === 3) break;
}
console.log(`followed ${seen.join(", ")}`);

// Its own subscriptions go on after a lost connection, too, but from the place that they were made with.
await new Promise((resolve) => {
  const { unsubscribe } = urql.subscription(EventsDocument, { types: [type], after }).subscribe(({ data }) => {
    unsubscribe();
    resolve(data);
    console.log(`urql shows ${data?.events.event.type}`);
  });
});
live.dispose();
