// The GraphiQL page of a Jackfield server: queries over POST, subscriptions over graphql-transport-ws,
// both authorised by what the header editor holds.
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import './page.css';

const endpoint = new URL('graphql', window.location.href);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

async function post(params, headers) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/graphql-response+json, application/json;q=0.9',
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(params),
  });
  return response.json();
}

function subscribe(params, headers) {
  const client = createClient({ url: socket.href, connectionParams: headers });
  return client.iterate(params);
}

function isSubscription(params, { documentAST } = {}) {
  return (documentAST?.definitions ?? []).some(
    (definition) =>
      definition.kind === 'OperationDefinition' &&
      definition.operation === 'subscription' &&
      (!params.operationName || definition.name?.value === params.operationName),
  );
}

const fetcher = (params, options) =>
  isSubscription(params, options)
    ? subscribe(params, options?.headers ?? {})
    : post(params, options?.headers ?? {});

const welcome = `# Put your API key into the Headers tab below:
#
#   { "authorization": "Bearer jackfield_sk_…" }
#
# The key of the owner was printed once when this server started for the first time,
# and is kept in owner.key in its data directory.

query Start {
  viewer {
    role
    workspace {
      name
    }
  }
  workflows {
    totalCount
    nodes {
      id
      name
      status
    }
  }
}
`;

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={fetcher}
    defaultQuery={welcome}
    defaultHeaders={'{\n  "authorization": "Bearer "\n}'}
    defaultEditorToolsVisibility="headers"
    inputValueDeprecation
  />,
);
