// Meshy's MCP server on the sandbox: it starts, lists its tools, tells the balance and makes a picture.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { advance, here, holds, passed } from "../lib.mjs";

const server = here("vendors/node_modules/@meshy-ai/meshy-mcp-server/dist/index.js");
const env = { ...process.env, MESHY_API_KEY: process.env.TRIPTYCH_MESHY_KEY, MESHY_API_HOST: process.env.TRIPTYCH_MESHY_URL };
const client = new Client({ name: "conformance", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: "node", args: [server], env, stderr: "ignore" }));
const { tools } = await client.listTools();

async function call(name, given) {
  const { content, isError } = await client.callTool({ name, arguments: given });
  const text = content.map((part) => part.text ?? "").join("\n");
  holds(!isError, `${name}: ${text.slice(0, 300)}`);
  return text;
}

const balance = await call("meshy_check_balance", {});
const created = await call("meshy_image_to_image", {
  ai_model: "nano-banana",
  prompt: "a kite",
  reference_image_urls: ["https://example.com/kite.png"],
});
const id = created.match(/[0-9a-f]{8}-[0-9a-f-]{27}/)?.[0];
holds(id, `a task id in: ${created.slice(0, 300)}`);
await advance(60);
const status = await call("meshy_get_task_status", { task_id: id, task_type: "image-to-image" });
holds(/SUCCEEDED/.test(status), `its status: ${status.slice(0, 300)}`);
await client.close();
passed(`${tools.length} tools; ${balance.match(/\d[\d,]*/)?.[0]} credits; a picture made`);
