// One graph of Triptych and a subgraph of collections. `make supergraph` runs it.
//   GRAPH           the address of a running Triptych; absent: starts `triptych serve`, whose settings it takes
//   TRIPTYCH_TOKEN  a token for reading its schema, where it requires one; clients send their own
//   PORT            the gateway's port, 4000 if absent; 0 takes a free one
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { serveCollections } from "./collections.mjs";
import { compose, serveGateway, subgraph } from "./gateway.mjs";

const TRIPTYCH = fileURLToPath(new URL("../../.venv/bin/triptych", import.meta.url));
const closing = [];

async function triptych() {
  if (process.env.GRAPH) return process.env.GRAPH;
  const server = spawn(TRIPTYCH, ["serve", "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  closing.push(() => server.kill());
  for await (const line of createInterface(server.stdout)) {
    const address = line.match(/http:\/\/\S+\/graphql/);
    if (address) return address[0];
  }
  throw new Error("triptych has ended");
}

async function stop() {
  for (const close of closing.splice(0).reverse()) await close();
}
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop().then(() => process.exit(0)));

try {
  const graph = await triptych();
  const collections = await serveCollections();
  closing.push(collections.close);
  const supergraph = compose([
    await subgraph("triptych", graph, process.env.TRIPTYCH_TOKEN),
    await subgraph("collections", collections.url),
  ]);
  const gateway = await serveGateway(supergraph, { port: Number(process.env.PORT ?? 4000) });
  closing.push(gateway.close);
  console.log(`The supergraph is served at ${gateway.url}`);
} catch (error) {
  console.error(`supergraph: ${error.message}`);
  await stop();
  process.exitCode = 1;
}
