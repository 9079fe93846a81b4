// graphql-eslint's rules for schemas and for Relay, over what clients see; exceptions are in lint/exceptions.mjs.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import graphql from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";
import { here, holds, passed, same } from "../lib.mjs";
import { EXCEPTIONS, REASONS } from "./exceptions.mjs";

const FOLDER = here("lint/__generated__");
mkdirSync(FOLDER, { recursive: true });
writeFileSync(`${FOLDER}/schema.graphql`, execFileSync(process.env.TRIPTYCH, ["schema", "--plain"]));

const { "flat/schema-recommended": recommended, "flat/schema-relay": relay } = graphql.configs;
const rules = { ...recommended.rules, ...relay.rules };
async function lint(exceptions) {
  const eslint = new ESLint({
    cwd: FOLDER,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ["**/*.graphql"],
        plugins: { "@graphql-eslint": graphql },
        languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: `${FOLDER}/schema.graphql` } } },
        rules: { ...rules, ...exceptions },
      },
    ],
  });
  const [{ messages }] = await eslint.lintFiles(["schema.graphql"]);
  return messages.map(({ line, ruleId, message }) => `${line}: ${ruleId}: ${message}`);
}

same(Object.keys(EXCEPTIONS).sort(), Object.keys(REASONS).sort(), "each exception has its reason");
const unneeded = await lint({});
for (const name of Object.keys(EXCEPTIONS)) holds(unneeded.some((text) => text.includes(`${name}:`)), `${name} needs no exception`);
same(await lint(EXCEPTIONS), [], "messages");
passed(`${Object.keys(rules).length} rules, ${Object.keys(EXCEPTIONS).length} with exceptions`);
