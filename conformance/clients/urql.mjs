// urql with graphcache over its default exchanges: a query, two pages, a mutation, and a subscription.
import { gql } from "@urql/core";
import { GRAPH, TASK, advance, ask, holds, passed, same } from "../lib.mjs";
import { watched } from "../transports/watching.mjs";
import { connect, keys } from "./setup/urql.mjs";

const warnings = [];
console.warn = (...words) => warnings.push(words.join(" "));
console.error = console.warn;
let requests = 0;
const sent = globalThis.fetch;
globalThis.fetch = (...given) => (requests++, sent(...given));
const client = connect(GRAPH);

const QUERY = gql`
  query ($id: ID!) {
    task(id: $id) { id status cost { amount } actions { id label } media { id urls { variant url } } seeds { id value } failure { message } }
    providers { provider isConfigured lastError { code } }
  }
`;
const first = await client.query(QUERY, { id: TASK }).toPromise();
holds(!first.error, `the query: ${first.error?.message}`);
same([first.data.task.status, first.data.task.media.length], ["SUCCEEDED", 4]);
const again = await client.query(QUERY, { id: TASK }, { requestPolicy: "cache-only" }).toPromise();
same(again.data.task, JSON.parse(JSON.stringify(first.data.task)), "the cache answers the same");

// other checks create tasks meanwhile: old ones stay as they are
const PAGE = gql`
  query ($after: String) {
    tasks(first: 5, after: $after, filter: { createdBefore: "2025-01-01T00:00:00Z" }) { edges { node { id } } pageInfo { hasNextPage endCursor } missing { provider } }
  }
`;
const one = await client.query(PAGE, {}).toPromise();
holds(!one.error, `the first page: ${one.error?.message}`);
const two = await client.query(PAGE, { after: one.data.tasks.pageInfo.endCursor }).toPromise();
holds(!two.error, `the second page: ${two.error?.message}`);
const { tasks } = await ask('{ tasks(first: 10, filter: { createdBefore: "2025-01-01T00:00:00Z" }) { nodes { id } } }');
same(two.data.tasks.edges.map(({ node }) => node.id), tasks.nodes.map(({ id }) => id), "both pages are one list");

// every type without an id of its own has its key; connections, edges and PageInfo need none
const { __schema } = await ask("{ __schema { types { name kind fields { name type { kind ofType { name } } } } } }");
const without = __schema.types
  .filter(({ kind, name }) => kind === "OBJECT" && !/^(_|Query$|Mutation$|Subscription$)|(Connection|Edge|PageInfo)$/.test(name))
  .filter(({ name, fields }) => name === "TaskAction" || !fields.some((field) => field.name === "id"))
  .map(({ name }) => name);
same(Object.keys(keys).sort(), without.sort(), "types without an id");

const CREATE = gql`
  mutation ($input: CreateTaskInput!) { createTask(input: $input) { taskId task { id status } } }
`;
const pixai = { prompt: "a kite", modelId: "1648918127446573124", width: 512, height: 512 };
const created = await client.mutation(CREATE, { input: { pixai } }).toPromise();
holds(!created.error, `the mutation: ${created.error?.message}`);

const subscribe = (operation) => client.subscription(operation.query, operation.variables);
const statuses = await watched(iterated(subscribe), created.data.createTask.taskId, advance);
same(warnings, [], "warnings of the cache");
passed(`a query, ${two.data.tasks.edges.length} tasks in two pages, a task made and watched: ${statuses.join(", ")}; ${requests} requests`);

/** A source of wonka as an iterable that ends where the stream does. */
function iterated(subscribe) {
  return async function* (operation) {
    const waiting = [];
    let wake, last, over = false;
    const source = subscribe(operation);
    const { unsubscribe } = source.subscribe((result) => {
      // the last result comes once more, when the stream is over
      const text = JSON.stringify([result.data, result.error]);
      const isNew = text !== last;
      last = text;
      if (isNew) waiting.push({ data: result.data, errors: result.error && [result.error] });
      if (result.hasNext === false) over = true;
      wake?.();
    });
    while (waiting.length || !over) {
      if (waiting.length) yield waiting.shift();
      else await new Promise((resolve) => (wake = resolve));
    }
    unsubscribe();
  };
}
