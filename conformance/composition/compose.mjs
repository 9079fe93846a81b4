// `compose.mjs apollo|guild alone|plain|relay`: what the server says it is composes with a second subgraph.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { composeServices as apollo } from "@apollo/composition";
import { composeServices as guild } from "@theguild/federation-composition";
import { buildSchema, parse } from "graphql";
import { ask, here, holds, passed, same } from "../lib.mjs";

const [composer, beside] = process.argv.slice(2);
const { _service } = await ask("{ _service { sdl } }");
const printed = execFileSync(process.env.TRIPTYCH, ["schema"], { encoding: "utf8" });
same(printed, _service.sdl, "`triptych schema` is what the server answers");

const subgraphs = [{ name: "triptych", url: "http://triptych", typeDefs: parse(_service.sdl) }];
if (beside !== "alone") {
  const typeDefs = parse(readFileSync(here(`composition/${beside}.graphql`), "utf8"));
  subgraphs.push({ name: beside, url: "http://beside", typeDefs });
}
const { supergraphSdl, errors, hints } = { apollo, guild }[composer](subgraphs);
same(errors?.map((error) => error.message) ?? [], [], "errors of composition");
const { Task, PageInfo } = buildSchema(supergraphSdl, { assumeValidSDL: true }).getTypeMap();
holds(Task && PageInfo, "the supergraph has the graph's types");
passed(`${supergraphSdl.length} characters of supergraph, ${hints?.length ?? 0} hints`);
