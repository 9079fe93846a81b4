// graphql-ws: a query, and a task that is watched until it ends.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { GRAPH, TASK, advance, passed, same, startTask } from "../lib.mjs";
import { watched } from "./watching.mjs";

const client = createClient({ url: GRAPH.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
const results = [];
for await (const result of client.iterate({ query: "query ($id: ID!) { task(id: $id) { status } }", variables: { id: TASK } }))
  results.push(result);
same(results, [{ data: { task: { status: "SUCCEEDED" } } }]);

const statuses = await watched((operation) => client.iterate(operation), await startTask(), advance);
await client.dispose();
passed(`a query; a task watched: ${statuses.join(", ")}`);
