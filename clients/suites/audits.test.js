// Every audit of GraphQL over HTTP that npm `graphql-http` has, on the real server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";
import { authorization, url } from "./server.js";

const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, ...authorization } });

const audits = serverAudits({ url, fetchFn });

test("there are as many audits as ever", () => assert.equal(audits.length, 61));

for (const audit of audits) {
  test(`${audit.id} ${audit.name}`, async () => {
    const { status, reason } = await audit.fn();
    assert.equal(status, "ok", reason);
  });
}
