// PixAI's own client on the sandbox: a task and its media, an image generated, a picture uploaded.
import { createRequire } from "node:module";
import WebSocket from "ws";
import { advance, holds, passed, same } from "../lib.mjs";

const { PixAIClient } = createRequire(import.meta.url)("@pixai-art/client");
const origin = process.env.TRIPTYCH_PIXAI_URL;
const client = new PixAIClient({
  apiKey: process.env.TRIPTYCH_PIXAI_KEY,
  apiBaseUrl: origin,
  webSocketBaseUrl: process.env.TRIPTYCH_PIXAI_WS_URL.replace("/graphql", ""),
  webSocketImpl: WebSocket,
});

const task = await client.getTaskById("1749903535747486198");
same([task.status, task.outputs.batch.length], ["completed", 4]);
const media = await client.getMediaFromTask(task);
const pictures = [media].flat();
holds(pictures.length === 4, `${pictures.length} pictures`);
const bytes = await client.downloadMedia(pictures[0]);
holds(bytes.byteLength > 1000, "a picture");

// its clock is moved until the task ends: that is told by a personal event
const parameters = { prompts: "a kite", modelId: "1648918127446573124", width: 512, height: 512 };
const moving = setInterval(() => advance(5), 200);
const made = await client.generateImage(parameters);
clearInterval(moving);
same(made.status, "completed");

const uploaded = await client.uploadMedia(new File([bytes], "kite.png", { type: "image/png" }));
const again = await client.getMediaById(uploaded.mediaId ?? uploaded.media.id);
same(again.type, "IMAGE");
client.close();
passed(`a task with ${pictures.length} pictures, one generated, one uploaded`);
