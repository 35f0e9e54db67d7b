// Apollo Client: queries and mutations over HTTP, live updates with `follow`, written into its cache.
// @ts-check

import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { connect, follow, RunUpdatesDocument, StartRunDocument, WorkflowsDocument } from "@jackfield/client";
import WebSocket from "ws";

const { JACKFIELD_URL = "", JACKFIELD_KEY = "" } = process.env;

const apollo = new ApolloClient({
  cache: new InMemoryCache(),
  link: new HttpLink({ uri: `${JACKFIELD_URL}/graphql`, headers: { Authorization: `Bearer ${JACKFIELD_KEY}` } }),
});
const live = connect({
  url: `${JACKFIELD_URL.replace("http", "ws")}/graphql`,
  token: JACKFIELD_KEY,
  webSocketImpl: WebSocket,
});

const { data } = await apollo.query({ query: WorkflowsDocument, variables: { first: 1 } });
const workflowId = data?.workflows.nodes[0]?.id ?? "";

const started = await apollo.mutate({ mutation: StartRunDocument, variables: { input: { workflowId } } });
const runId = started.data?.startRun.run?.id ?? "";

const STATUS = gql`
  fragment Status on Run {
    status
  }
`;
const cached = { __typename: "Run", id: runId };
for await (const { runUpdates } of follow(live, RunUpdatesDocument, { runId })) {
  apollo.cache.writeFragment({
    id: apollo.cache.identify(cached),
    fragment: STATUS,
    data: { __typename: "Run", status: runUpdates.run.status },
  });
}

/** @type {{ status: string } | null} */
const run = apollo.cache.readFragment({ id: apollo.cache.identify(cached), fragment: STATUS });
console.log(`the run has ${run?.status}`);
live.dispose();
