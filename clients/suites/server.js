// The server that the tests start, told by the environment.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
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
export const execute = (query, variables) => executeAt(origin, query, variables);

/** The same at another node. */
export async function executeAt(node, query, variables) {
  const response = await fetch(`${node}/graphql`, {
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

const CREATE = `mutation ($input: CreateWorkflowInput!) {
  createWorkflow(input: $input) { workflow { id } userErrors { message } }
}`;
const ACTIVATE = `mutation ($input: PublishWorkflowInput!) {
  publishWorkflow(input: $input) { userErrors { message } }
}`;
const START = `mutation ($input: StartRunInput!) {
  startRun(input: $input) { run { id } userErrors { message } }
}`;

/** Starts a run that waits this long and then sets a value, and returns its id. */
export async function startRun(duration) {
  const definition = {
    nodes: [
      { key: "start", type: "manual", config: {} },
      { key: "wait", type: "delay", config: { duration } },
      { key: "answer", type: "set", config: { values: { number: 42 } } },
    ],
    edges: [
      { from: "start", to: "wait" },
      { from: "wait", to: "answer" },
    ],
  };
  const { createWorkflow } = await execute(CREATE, { input: { name: `waits ${Math.random()}`, definition } });
  const workflowId = createWorkflow.workflow.id;
  await execute(ACTIVATE, { input: { workflowId } });
  const { startRun } = await execute(START, { input: { workflowId } });
  return startRun.run.id;
}

/**
 * Publishes events of a type until one arrives, because a subscription does not say when it has begun. Returns the result
 * that shows it.
 */
export async function firstOf(results, type) {
  let arrived = false;
  const publishing = (async () => {
    while (!arrived) {
      await publish(type, { from: "a suite" });
      await sleep(50);
    }
  })();
  for (;;) {
    const { value, done } = await results.next();
    assert.equal(done, false, "the subscription has ended");
    if (value.data?.events.event.type !== type) continue;
    arrived = true;
    await publishing;
    return value;
  }
}

/** What whoever runs the suites says in the environment. */
export function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: \`cargo xtask test\` runs the suites`);
  return value;
}
