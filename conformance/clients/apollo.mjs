// Apollo Client with persisted queries and batching: queries joined into one request, hashes alone at the second time.
import { gql } from "@apollo/client";
import { GRAPH, TASK, ask, passed, same } from "../lib.mjs";
import { connect } from "./setup/apollo.mjs";

const requests = [];
const sent = globalThis.fetch;
globalThis.fetch = (url, options) => (requests.push(JSON.parse(options.body)), sent(url, options));

const TASK_QUERY = gql`
  query Conformance($id: ID!) { task(id: $id) { id status media { id urls { variant url } } actions { id label } } }
`;
// other checks create tasks meanwhile: old ones stay as they are
const PAGE = gql`
  query ConformancePage($after: String) {
    tasks(first: 5, after: $after, filter: { createdBefore: "2025-01-01T00:00:00Z" }) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
  }
`;

async function run(client) {
  const [task, page] = await Promise.all([
    client.query({ query: TASK_QUERY, variables: { id: TASK } }),
    client.query({ query: PAGE }),
  ]);
  same([task.data.task.status, task.data.task.media.length], ["SUCCEEDED", 4]);
  return page.data.tasks.pageInfo.endCursor;
}

await run(connect(GRAPH));
same(requests.map((batch) => batch.map((one) => "query" in one)), [[false, false], [true, true]], "hashes, then documents");

requests.length = 0;
const client = connect(GRAPH);
const after = await run(client);
same(requests.map((batch) => batch.map((one) => "query" in one)), [[false, false]], "hashes are enough");

const list = client.watchQuery({ query: PAGE });
list.subscribe(() => {});
await list.fetchMore({ variables: { after } });
const { tasks } = await ask('{ tasks(first: 10, filter: { createdBefore: "2025-01-01T00:00:00Z" }) { nodes { id } } }');
const kept = list.getCurrentResult().data.tasks.edges.map(({ node }) => node.id);
same(kept, tasks.nodes.map(({ id }) => id), "both pages are one list");
passed("two queries in one request, by their hashes; two pages are one list");
