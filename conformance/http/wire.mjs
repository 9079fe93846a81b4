// What the checks share: the address, a fetch that keeps what was sent, and how a check ends.
import { deepStrictEqual } from "node:assert";
import { createHash } from "node:crypto";

export const GRAPH = process.env.GRAPH ?? `${process.argv[2]}/graphql`;
export const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** A fetch, and the requests that went through it: method, whether the query was sent, status. */
export function recorded() {
  const requests = [];
  async function kept(url, init = {}) {
    const response = await fetch(url, init);
    const parameters = new URL(url).searchParams;
    const body = init.body ? JSON.parse(init.body) : Object.fromEntries(parameters);
    const operations = Array.isArray(body) ? body.length : 1;
    const sent = Array.isArray(body) ? body.every((one) => one.query) : Boolean(body.query);
    requests.push([init.method ?? "GET", operations, sent ? "query" : "hash", response.status]);
    return response;
  }
  return [kept, requests];
}

/** Ends the check where they differ. */
export function same(found, expected, what) {
  deepStrictEqual(JSON.parse(JSON.stringify(found)), expected, `${what}: ${JSON.stringify(found)}`);
}

/** The check has passed; its last line says what it has seen. */
export function passed(text) {
  console.log(text);
  process.exit(0);
}
