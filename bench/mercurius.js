import fastify from "fastify";
import mercurius from "mercurius";
import { typeDefs, workflows } from "./workflows.js";

const app = fastify();
app.register(mercurius, { schema: typeDefs, resolvers: { Query: { workflows } }, jit: 1 });
console.log(`${await app.listen({ host: "127.0.0.1", port: 0 })}/graphql`);
