// Plain `fetch` with typed operations: nothing but the documents is needed.
// @ts-check

import { PublishEventDocument, WorkflowsDocument } from "@jackfield/client";
import { print } from "graphql";

const { JACKFIELD_URL, JACKFIELD_KEY } = process.env;

/**
 * @template Data, Variables
 * @param {import("@graphql-typed-document-node/core").TypedDocumentNode<Data, Variables>} document
 * @param {Variables} variables
 * @returns {Promise<Data>}
 */
async function execute(document, variables) {
  const response = await fetch(`${JACKFIELD_URL}/graphql`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${JACKFIELD_KEY}`,
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json",
    },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(`${errors[0].extensions.code}: ${errors[0].message}`);
  return data;
}

const { workflows } = await execute(WorkflowsDocument, { first: 10 });
for (const workflow of workflows.nodes) console.log(`workflow ${workflow.name} is ${workflow.status}`);

// What you sent and can mend is in `userErrors`; everything else was thrown.
const wrong = await execute(PublishEventDocument, { input: { type: "", data: {} } });
for (const { field, code } of wrong.publishEvent.userErrors) console.log(`${field?.join(".")} ${code}`);

const { publishEvent } = await execute(PublishEventDocument, {
  input: { type: "example.fetch", data: { from: "fetch" } },
});
console.log(`published ${publishEvent.event ? "an event" : "nothing"}`);
