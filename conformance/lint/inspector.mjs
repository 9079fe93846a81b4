// graphql-inspector: nothing breaks clients of the last release, and its verdict is that of `triptych schema diff`.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { CriticalityLevel, diff, validate } from "@graphql-inspector/core";
import { Source, buildSchema } from "graphql";
import { here, passed, same } from "../lib.mjs";

const released = readFileSync(here("../schema/released.graphql"), "utf8");
const plain = execFileSync(process.env.TRIPTYCH, ["schema", "--plain"], { encoding: "utf8" });
const breaking = async (before, after) =>
  (await diff(buildSchema(before), buildSchema(after))).filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
same((await breaking(released, plain)).map(({ message }) => message), [], "breaking changes");

// and both find what would
const found = await breaking(plain.replace("progress: Int\n", "progress: Int!\n"), plain);
const input = plain.replace("progress: Int\n", "progress: Int!\n");
const ours = spawnSync(process.env.TRIPTYCH, ["schema", "diff", "-", "--format", "jsonl"], { input, encoding: "utf8" });
same([found.length, ours.status, ours.stdout.trim().split("\n").length], [1, 1, 1], "what breaks");

const page = new Source("query { tasks(first: 5) { edges { node { id cover { url } } } } }");
same(validate(buildSchema(plain), [page]), [], "documents");
passed("nothing breaks clients of the last release");
