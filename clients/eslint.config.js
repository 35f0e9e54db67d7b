// How schema.graphql is linted: the recommended rules of graphql-eslint and those for Relay, with what differs and why.

import graphql from "@graphql-eslint/eslint-plugin";

const { rules: recommended } = graphql.configs["flat/schema-recommended"];
const { rules: relay } = graphql.configs["flat/schema-relay"];

/** Values, which have no id: they are parts of what has one. */
const VALUES = `
  AuthenticationScheme ChangedValue Concurrency DefinitionNode DefinitionSettings EdgeChange
  EndpointAuthentication EndpointHealth EvaluatedExpression EventTypeVersion ExpressionHelper ExpressionProblem
  HealthCheck InboundHeader InboundHookHealth MessagePreview NodeChange PageInfo Pin PluginGrants PluginSandbox
  Polling Port Position ProviderEventType ProviderWebhook PublishWarning RateLimit ResourceType RetryPolicy Session
  StepWarning TestedNode Trigger UserError VariableVersion Viewer WorkflowDefinition WorkflowDiff
  WorkflowProblem WorkflowUse WorkspaceMembership
`;

export default [
  {
    files: ["**/*.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "../schema.graphql" } },
    },
    rules: {
      ...recommended,
      ...relay,
      "@graphql-eslint/require-description": [
        "error",
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
          EnumValueDefinition: true,
          // Those of the language's own directives, which the language describes.
          ignoredSelectors: ["[type=InputValueDefinition][parent.kind=DirectiveDefinition]"],
        },
      ],
      "@graphql-eslint/strict-id-in-types": [
        "error",
        { exceptions: { suffixes: ["Connection", "Edge", "Payload", "Update"], types: VALUES.trim().split(/\s+/) } },
      ],
      // A list of values is a list; what may be long is a connection.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
];
