// GraphiQL in a Chromium that reaches this server alone: it loads, asks, subscribes, and breaks no policy.
import { existsSync } from "node:fs";
import puppeteer from "puppeteer-core";
import { GRAPH, passed, same } from "./wire.mjs";

const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = PLACES.find((path) => path && existsSync(path));
if (!executablePath) throw new Error("no Chromium: set CHROMIUM to one");

const { hostname, origin } = new URL(GRAPH);
const args = ["--no-sandbox", `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${hostname}`];
const browser = await puppeteer.launch({ executablePath, args });
const page = await browser.newPage();
const foreign = [];
const errors = [];
page.on("request", (request) => {
  const url = new URL(request.url());
  if (url.protocol !== "data:" && url.origin !== origin) foreign.push(request.url());
});
page.on("pageerror", (error) => errors.push(error.message));
// a policy that is broken is an error in the console
page.on("console", (message) => message.type() === "error" && errors.push(message.text()));

async function run(query) {
  await page.goto(`${GRAPH}?q=${encodeURIComponent(query)}`, { waitUntil: "networkidle0" });
  await page.click(".graphiql-execute-button");
  const answer = await page.waitForFunction(
    () => document.querySelector(".result-window")?.innerText.match(/\{[^]*\}/)?.[0],
    { timeout: 10_000 },
  );
  return JSON.parse((await answer.jsonValue()).replaceAll("\u00a0", " "));
}

same(await run("{ __typename }"), { data: { __typename: "Query" } }, "query");
await page.click('button[aria-label="Show GraphiQL Explorer"]');
await page.waitForSelector(".graphiql-explorer-root");
await page.click('button[aria-label="Open settings dialog"]');
await page.waitForSelector(".graphiql-dialog-header");
const update = await run('subscription { tasksUpdated(ids: ["task:pixai:0"]) { taskId } }');
same(update, { data: { tasksUpdated: { taskId: "task:pixai:0" } } }, "subscription");
await browser.close();
same([foreign, errors], [[], []], "requests elsewhere, and errors");
passed("a query, the explorer, a subscription; no request elsewhere, no error");
