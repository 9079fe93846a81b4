// urql with persistedExchange over its default exchanges: by GET, and by POST.
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { GRAPH, passed, recorded, same, sha256 } from "./wire.mjs";

for (const preferGetForPersistedQueries of [true, false]) {
  const [fetch, requests] = recorded();
  const client = new Client({
    url: GRAPH,
    fetch,
    exchanges: [
      cacheExchange,
      persistedExchange({ preferGetForPersistedQueries, generateHash: async (text) => sha256(text) }),
      fetchExchange,
    ],
  });
  const name = `Urql${Date.now()}${preferGetForPersistedQueries ? "Get" : "Post"}`;
  const query = `query ${name} { providers { provider } }`;
  for (const time of [1, 2]) {
    const { data, error } = await client.query(query, {}, { requestPolicy: "network-only" }).toPromise();
    same(error ?? null, null, `error, query ${time}`);
    same(data.providers.length, 3, `providers, query ${time}`);
  }
  const method = preferGetForPersistedQueries ? "GET" : "POST"; // urql registers by GET, too
  same(
    requests.map(([used, , sent]) => [used, sent]),
    [[method, "hash"], [method, "query"], [method, "hash"]],
    "requests",
  );
}
passed("registered once, then named, over GET and POST");
