// GraphQL over HTTP: every MUST, SHOULD and MAY of graphql-http's audit.
import { serverAudits } from "graphql-http";
import { GRAPH, holds, passed } from "../lib.mjs";

const counts = { ok: 0, notice: 0, warn: 0, error: 0 };
for (const audit of serverAudits({ url: GRAPH, fetchFn: fetch })) {
  const result = await audit.fn();
  counts[result.status] += 1;
  if (result.status !== "ok") console.log(`${result.status}: ${audit.name}: ${result.reason}`);
  if (result.response?.body && !result.response.bodyUsed) await result.response.body.cancel();
}
const all = Object.values(counts).reduce((sum, count) => sum + count);
holds(counts.ok === all, `${counts.ok} of ${all}`);
passed(`${counts.ok} of ${all}`);
