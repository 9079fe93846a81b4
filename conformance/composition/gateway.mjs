// The example's gateway answers one query from both subgraphs, and a vanished task costs its own place only.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { here, passed, same } from "../lib.mjs";

const child = spawn("node", [here("../examples/supergraph/start.mjs")], {
  env: { ...process.env, PORT: "0" },
  stdio: ["ignore", "pipe", "inherit"],
});
process.on("exit", () => child.kill());
let url;
for await (const line of createInterface(child.stdout)) {
  url = line.match(/http:\/\/\S+\/graphql/)?.[0];
  if (url) break;
}

async function ask(query) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  return response.json();
}

const across = await ask(`{
  collections { title tasks { id status media { id } } }
  node(id: "media:pixai:459604023097100648") { id ... on Media { width } }
  nothing: node(id: "collection:9") { id }
  tasks(first: 1) { pageInfo { hasNextPage } }
}`);
const media = ["459604023097100648", "459604023097100649", "459604023097100650", "459604023097100651"];
same(across.data, {
  collections: [
    {
      title: "Lighthouses",
      tasks: [
        {
          id: "task:pixai:1749903535747486198",
          status: "SUCCEEDED",
          media: media.map((key) => ({ id: `media:pixai:${key}` })),
        },
        {
          id: "task:pixai:1749902216266450789",
          status: "SUCCEEDED",
          media: [{ id: "media:pixai:459602685899547043" }],
        },
        null,
      ],
    },
    { title: "Nothing yet", tasks: [] },
  ],
  node: { id: "media:pixai:459604023097100648", width: 512 },
  nothing: null,
  tasks: { pageInfo: { hasNextPage: true } },
});
same(across.errors.map((error) => error.path.slice(0, 4)), [["collections", 0, "tasks", 2]]);

const wrong = await ask('{ task(id: "task:dalle:1") { id } }');
same([wrong.data, wrong.errors[0].extensions.code], [{ task: null }, "INVALID_ID"]);
passed("one query answered from both subgraphs; a vanished task nulls its own place");
