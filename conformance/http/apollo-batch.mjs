// Apollo Client with BatchHttpLink, at a server with TRIPTYCH_LIMIT_BATCH: one request, each operation answered.
import { ApolloClient, InMemoryCache, gql } from "@apollo/client";
import { BatchHttpLink } from "@apollo/client/link/batch-http";
import { GRAPH, passed, recorded, same } from "./wire.mjs";

const [fetch, requests] = recorded();
const client = new ApolloClient({
  link: new BatchHttpLink({ uri: GRAPH, fetch, batchMax: 10, batchInterval: 5 }),
  cache: new InMemoryCache(),
  defaultOptions: { query: { errorPolicy: "all", fetchPolicy: "network-only" } },
});
const answers = await Promise.all([
  client.query({ query: gql`query Providers { providers { provider } }` }),
  client.query({ query: gql`query Task { task(id: "task:pixai:1749903535747486198") { status } }` }),
  client.query({ query: gql`query Wrong { nothing }` }),
]);
same(answers[0].data.providers.length, 3, "providers");
same(answers[1].data.task.status, "SUCCEEDED", "task");
same(answers[2].error.errors[0].extensions.code, "GRAPHQL_VALIDATION_FAILED", "the wrong one");
same(requests, [["POST", 3, "query", 200]], "requests");
passed("3 operations in one request, the wrong one alone refused");
