// Twenty workflows in SQLite, in memory, and the schema that both servers show them with.

import initSqlJs from "sql.js";

export const typeDefs = `
  enum WorkflowStatus { DRAFT PUBLISHED CHANGED }
  type Workflow { id: ID! name: String! status: WorkflowStatus! createdAt: String! updatedAt: String! }
  type WorkflowConnection { nodes: [Workflow!]! }
  type Query { workflows(first: Int): WorkflowConnection! }
`;

const { Database } = await initSqlJs();
const database = new Database();
database.run(
  "CREATE TABLE workflows (id TEXT PRIMARY KEY, name TEXT, status TEXT, created_at TEXT, updated_at TEXT)",
);
for (let number = 0; number < 20; number += 1) {
  const id = `wf_${String(number).padStart(26, "0")}`;
  const now = new Date().toISOString();
  database.run("INSERT INTO workflows VALUES (?, ?, 'DRAFT', ?, ?)", [id, `Workflow ${number}`, now, now]);
}
const select = database.prepare(
  "SELECT id, name, status, created_at AS createdAt, updated_at AS updatedAt FROM workflows ORDER BY id DESC LIMIT ?",
);

/** The workflows, read anew each time. */
export function workflows(_, { first }) {
  const nodes = [];
  select.bind([first ?? 20]);
  while (select.step()) nodes.push(select.getAsObject());
  select.reset();
  return { nodes };
}
