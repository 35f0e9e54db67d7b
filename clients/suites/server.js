// The server that the tests start, told by the environment.

import WebSocket from "ws";

/** The origin, such as `http://127.0.0.1:8080`. */
export const origin = given("JACKFIELD_URL");
/** An API key of an owner. */
export const key = given("JACKFIELD_KEY");

export const url = `${origin}/graphql`;
export const wsUrl = url.replace(/^http/, "ws");
export const authorization = { Authorization: `Bearer ${key}` };

/** A WebSocket that says who it is by header, as only programs can. */
export class WebSocketWithHeader extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { headers: authorization });
  }
}

/** Sends a document with the key and returns its data. */
export async function execute(query, variables) {
  const response = await fetch(url, {
    method: "POST",
    headers: { ...authorization, "Content-Type": "application/json", Accept: "application/graphql-response+json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const PUBLISH = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id } userErrors { message } }
}`;

/** Publishes an event and returns its id. */
export async function publish(type, data) {
  const { publishEvent } = await execute(PUBLISH, { input: { type, data } });
  return publishEvent.event.id;
}

function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: \`cargo xtask test\` runs the suites`);
  return value;
}
