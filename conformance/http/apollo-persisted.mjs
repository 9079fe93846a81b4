// Apollo Client with createPersistedQueryLink: the first query is registered, later ones are named by their hash.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GRAPH, passed, recorded, same, sha256 } from "./wire.mjs";

for (const useGETForHashedQueries of [false, true]) {
  const [fetch, requests] = recorded();
  const persisted = new PersistedQueryLink({ sha256, useGETForHashedQueries });
  const client = new ApolloClient({
    link: persisted.concat(new HttpLink({ uri: GRAPH, fetch, headers: { "apollo-require-preflight": "1" } })),
    cache: new InMemoryCache(),
  });
  // another text each time that the check runs, so that nobody has registered it
  const name = `Run${Date.now()}${useGETForHashedQueries ? "Get" : "Post"}`;
  const query = gql(`query ${name} { providers { provider } }`);
  for (const time of [1, 2]) {
    const { data } = await client.query({ query, fetchPolicy: "network-only" });
    same(data.providers.length, 3, `providers, query ${time}`);
  }
  const hashed = useGETForHashedQueries ? "GET" : "POST";
  same(
    requests.map(([method, , sent]) => [method, sent]),
    [[hashed, "hash"], ["POST", "query"], [hashed, "hash"]],
    "requests",
  );
}
passed("registered once, then named, over POST and GET");
