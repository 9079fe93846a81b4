// `check.mjs tada|codegen`: types written from the running server's introspection, under `tsc --strict`.
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { GRAPH, here, passed } from "../lib.mjs";

const GENERATED = here("types/__generated__");
const kind = process.argv[2];
// every scalar that is not GraphQL's own; `_Any` is federation's
const scalars = { BigInt: "string", DateTime: "string", JSON: "unknown", URL: "string", Upload: "File", _Any: "unknown" };

async function codegen() {
  const { generate } = await import("@graphql-codegen/cli");
  const output = `${GENERATED}/codegen/`;
  rmSync(output, { recursive: true, force: true });
  await generate(
    {
      schema: GRAPH,
      documents: here("types/codegen.ts"),
      silent: true,
      generates: {
        [output]: { preset: "client", config: { strictScalars: true, scalars, defaultScalarType: "unknown", emitLegacyCommonJSImports: false } },
      },
    },
    true,
  );
}

async function tada() {
  const { generateOutput } = await import("@gql.tada/cli-utils");
  mkdirSync(GENERATED, { recursive: true });
  rmSync(`${GENERATED}/tada.d.ts`, { force: true });
  const plugins = [{ name: "gql.tada/ts-plugin", schema: GRAPH, tadaOutputLocation: `${GENERATED}/tada.d.ts` }];
  const tsconfig = here("types/__generated__/tsconfig.json");
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { plugins } }));
  await generateOutput({ output: undefined, tsconfig });
}

await { codegen, tada }[kind]();
const compilerOptions = {
  ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
  ...{ target: "es2022", lib: ["es2022", "dom"], module: "esnext", moduleResolution: "bundler", types: [], noEmit: true },
};
const project = `${GENERATED}/${kind}.tsconfig.json`;
writeFileSync(project, JSON.stringify({ compilerOptions, files: [`../${kind}.ts`] }));
execFileSync("node", [here("node_modules/typescript/bin/tsc"), "-p", project], { stdio: "inherit" });
passed(`introspected, ${Object.keys(scalars).length} scalars, compiled strictly`);
