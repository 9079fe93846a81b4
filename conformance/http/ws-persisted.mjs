// graphql-ws with a document that is named by its hash, after it was registered over HTTP.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { GRAPH, passed, same, sha256 } from "./wire.mjs";

const query = `query Socket${Date.now()} { providers { provider } }`;
const extensions = { persistedQuery: { version: 1, sha256Hash: sha256(query) } };
const client = createClient({ url: GRAPH.replace(/^http/, "ws"), webSocketImpl: WebSocket });

function asked(payload) {
  return new Promise((resolve) => {
    let answer;
    client.subscribe(payload, { next: (found) => (answer = found), error: resolve, complete: () => resolve(answer) });
  });
}

const [unknown] = await asked({ query: "", extensions });
same([unknown.message, unknown.extensions.code], ["PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND"], "unknown");
same((await asked({ query, extensions })).data.providers.length, 3, "registered");
same((await asked({ query: "", extensions })).data.providers.length, 3, "named");
await client.dispose();
passed("registered once, then named, on one socket");
