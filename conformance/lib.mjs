// What the checks share: where the server is, and how a check says what it has seen.
import { deepStrictEqual } from "node:assert";
import { fileURLToPath } from "node:url";

export const GRAPH = process.env.GRAPH;
export const ORIGIN = process.env.ORIGIN;
export const here = (path) => fileURLToPath(new URL(path, import.meta.url));
export const TASK = "task:pixai:1749903535747486198"; // of the sandbox: finished, with four pictures

/** Ends the check with what differs. */
export function same(found, expected, what) {
  deepStrictEqual(JSON.parse(JSON.stringify(found)), expected, what && `${what}: ${JSON.stringify(found)}`);
}

/** Ends the check where it is not true. */
export function holds(truth, what) {
  if (!truth) throw new Error(what);
}

/** The check has passed; `text` is what the table says of it. */
export function passed(text) {
  console.log(text);
  process.exit(0);
}

/** An answer of the server itself, without any client. */
export async function ask(query, variables) {
  const response = await fetch(GRAPH, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(`${query}: ${errors[0].message}`);
  return data;
}

/** Moves the sandbox's clock. */
export async function advance(seconds) {
  const response = await fetch(`${process.env.TRIPTYCH_PIXAI_URL}/_sandbox/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advance: seconds }),
  });
  holds(response.ok, `the sandbox's clock: ${response.status}`);
}

/** A task that is being generated, made at PixAI's sandbox as its own clients make it. */
export async function startTask() {
  const response = await fetch(`${process.env.TRIPTYCH_PIXAI_URL}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Bearer ${process.env.TRIPTYCH_PIXAI_KEY}`,
    },
    body: JSON.stringify({
      query: "mutation ($p: JSONObject!) { createGenerationTask(parameters: $p) { id } }",
      variables: { p: { prompts: "a kite", modelId: "1648918127446573124", width: 512, height: 512 } },
    }),
  });
  const { data, errors } = await response.json();
  holds(data?.createGenerationTask, `a task at the sandbox: ${errors?.[0]?.message}`);
  return `task:pixai:${data.createGenerationTask.id}`;
}

// the last line of a failed check says why
process.on("uncaughtException", (error) => {
  process.stderr.write(`${error.stack}\n${error.name}: ${error.message.split("\n").slice(0, 3).join(" ")}\n`);
  process.exit(1);
});
