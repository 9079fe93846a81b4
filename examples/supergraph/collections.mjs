// A second subgraph, as small as one can be: collections of tasks, and the supergraph's `node`.
import { createServer } from "node:http";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { createYoga } from "graphql-yoga";

// [Task]! and not [Task!]!: a task that its generator no longer has is null, and takes nothing with it
export const typeDefs = parse(/* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])

  type Query {
    "Every collection."
    collections: [Collection!]!
    "Any object of any subgraph by its id."
    node(id: ID!): Node
  }

  "Anything that can be fetched again by its id."
  interface Node {
    id: ID!
  }

  "Some tasks that belong together."
  type Collection implements Node @key(fields: "id") {
    id: ID!
    title: String!
    tasks: [Task]!
  }

  type Task implements Node @key(fields: "id", resolvable: false) {
    id: ID!
  }

  type Media implements Node @key(fields: "id", resolvable: false) {
    id: ID!
  }

  type Seed implements Node @key(fields: "id", resolvable: false) {
    id: ID!
  }
`);

const COLLECTIONS = [
  {
    id: "collection:1",
    title: "Lighthouses",
    tasks: ["task:pixai:1749903535747486198", "task:pixai:1749902216266450789", "task:pixai:1"],
  },
  { id: "collection:2", title: "Nothing yet", tasks: [] },
];
const OWNERS = { task: "Task", media: "Media", seed: "Seed" };

const reference = (id) => ({ __typename: OWNERS[id.split(":")[0]], id });
const collection = (found) =>
  found && { ...found, __typename: "Collection", tasks: found.tasks.map(reference) };
const byId = (id) => collection(COLLECTIONS.find((one) => one.id === id));

const resolvers = {
  Query: {
    collections: () => COLLECTIONS.map(collection),
    node: (_, { id }) => byId(id) ?? (OWNERS[id.split(":")[0]] ? reference(id) : null),
  },
  Collection: { __resolveReference: ({ id }) => byId(id) },
};

/** Serves it on a free port of loopback. Resolves to its address and a function that ends it. */
export async function serveCollections() {
  const yoga = createYoga({ schema: buildSubgraphSchema({ typeDefs, resolvers }), logging: "error" });
  const server = createServer(yoga);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/graphql`, close: () => server.close() };
}
