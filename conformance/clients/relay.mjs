// relay-compiler over the graph's SDL, and relay-runtime over the server.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { ROOT_ID, fetchQuery } from "relay-runtime";
import { GRAPH, TASK, ask, here, holds, passed, same } from "../lib.mjs";
import { connect } from "./setup/relay.mjs";

// what relay-compiler writes, and what it reads, stands beside clients/relay/relay.config.json
const FOLDER = here("clients/relay");
rmSync(`${FOLDER}/__generated__`, { recursive: true, force: true });
mkdirSync(`${FOLDER}/__generated__`);
writeFileSync(`${FOLDER}/schema.graphql`, execFileSync(process.env.TRIPTYCH, ["schema", "--plain"]));
execFileSync("node", [here("node_modules/relay-compiler/cli.js"), "relay.config.json"], {
  cwd: FOLDER,
  stdio: ["ignore", "ignore", "inherit"],
});
const artifact = async (name) => (await import(`${FOLDER}/__generated__/${name}.graphql.js`)).default;

const environment = connect(GRAPH);
const { node } = await fetchQuery(environment, await artifact("queriesTaskQuery"), { id: TASK }).toPromise();
same([node.status, node.seeds.length], ["SUCCEEDED", 4]);

const TASKS = await artifact("queriesTasksQuery");
const page = (after) => fetchQuery(environment, TASKS, { after }, { fetchPolicy: "network-only" }).toPromise();
const first = await page(null);
holds(first.tasks.pageInfo.hasNextPage, "the list goes on");
await page(first.tasks.pageInfo.endCursor);
const listed = () => {
  const root = environment.getStore().getSource().get(ROOT_ID);
  const connection = root.__queries_tasks_connection.__ref;
  const source = environment.getStore().getSource();
  return source.get(connection).edges.__refs.map((edge) => source.get(source.get(edge).node.__ref).id);
};
const { tasks } = await ask('{ tasks(first: 10, filter: { createdBefore: "2025-01-01T00:00:00Z" }) { nodes { id } } }');
same(listed(), tasks.nodes.map(({ id }) => id), "both pages are one list");

const failure = await page("forged").then(() => null, (error) => error.message);
holds(failure?.includes("cursor"), `a failed page throws: ${failure}`);
same(listed(), tasks.nodes.map(({ id }) => id), "the list that was loaded is still there");
passed("compiled; node, two pages are one list, which a failed page leaves as it is");
