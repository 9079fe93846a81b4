// Composes the subgraphs and serves them as one graph, with Hive Gateway.
import { createServer } from "node:http";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import { composeServices } from "@theguild/federation-composition";
import { parse } from "graphql";

/** The subgraph that a server says it is. token: what it requires, if it requires one. */
export async function subgraph(name, url, token) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: "{ _service { sdl } }" }),
  });
  const { data, errors } = await response.json();
  if (!data?._service) throw new Error(`${url} is no subgraph: ${errors?.[0]?.message ?? response.status}`);
  return { name, url, typeDefs: parse(data._service.sdl) };
}

/** The supergraph's SDL. Throws what the subgraphs disagree about. */
export function compose(subgraphs) {
  const { supergraphSdl, errors } = composeServices(subgraphs);
  if (errors?.length) throw new Error(errors.map((error) => error.message).join("\n"));
  return supergraphSdl;
}

/** Serves a supergraph. Resolves to its address and a function that ends it. */
export async function serveGateway(supergraph, { port = 0 } = {}) {
  // headers that Triptych reads: its token, and callers' own keys
  const forwarded = ["authorization", "x-pixai-key", "x-meshy-key", "x-newapi-token", "x-newapi-user", "x-mj-key"];
  const gateway = createGatewayRuntime({
    supergraph,
    logging: "error",
    maskedErrors: false, // an error of a subgraph says what it is: its code is for the client
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) =>
        Object.fromEntries(forwarded.flatMap((name) => (request.headers.has(name) ? [[name, request.headers.get(name)]] : []))),
    },
  });
  const server = createServer(gateway);
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await gateway.dispose();
  };
  return { url: `http://127.0.0.1:${server.address().port}/graphql`, close };
}
