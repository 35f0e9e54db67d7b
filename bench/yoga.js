import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { typeDefs, workflows } from "./workflows.js";

const schema = createSchema({ typeDefs, resolvers: { Query: { workflows } } });
const server = createServer(createYoga({ schema, logging: false }));
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/graphql`);
});
