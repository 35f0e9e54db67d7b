// Operations that cover a schema: each root field, and each field of each type once, with all their arguments as variables.

import { getNamedType, isObjectType } from "graphql";

/**
 * The text of one operation for each root field, in the order of the schema. Their names begin with `prefix`, as those of
 * relay-compiler have to begin with the name of their file.
 */
export function operations(schema, prefix) {
  const seen = new Set();
  const roots = [
    ["Query", schema.getQueryType()],
    ["Mutation", schema.getMutationType()],
    ["Subscription", schema.getSubscriptionType()],
  ];
  return roots.flatMap(([kind, root]) =>
    Object.values(root.getFields()).map((field) => {
      const variables = new Map();
      const selected = selection(field, seen, variables);
      const declared = [...variables].map(([name, type]) => `$${name}: ${type}`);
      const name = `${prefix}${field.name[0].toUpperCase()}${field.name.slice(1)}${kind}`;
      return `${kind.toLowerCase()} ${name}${list(declared)} { ${selected} }`;
    }),
  );
}

/** A field with all there is below it; of a type that came up before no more than its name. */
function selection(field, seen, variables) {
  const passed = field.args.map((argument) => `${argument.name}: $${variable(argument, variables)}`);
  const called = `${field.name}${list(passed)}`;
  const type = getNamedType(field.type);
  if (!("getFields" in type)) return called;
  if (!isObjectType(type) || seen.has(type)) return `${called} { __typename }`;
  seen.add(type);
  const below = Object.values(type.getFields()).map((field) => selection(field, seen, variables));
  return `${called} { ${below.join(" ")} }`;
}

/** Declares a variable for an argument, under its name or, if that is taken, with a number behind it. */
function variable(argument, variables) {
  const taken = variables.has(argument.name);
  const name = taken ? `${argument.name}${variables.size}` : argument.name;
  variables.set(name, argument.type);
  return name;
}

const list = (items) => (items.length ? `(${items.join(", ")})` : "");
