// Where the graph is not what a rule wants, and why. A rule that needs no exception any more fails the check.
const RULE = "@graphql-eslint/";

export const EXCEPTIONS = {
  [`${RULE}relay-arguments`]: ["error", { includeBoth: false }],
  [`${RULE}relay-edge-types`]: ["error", { listTypeCanWrapOnlyEdgeType: false }],
  [`${RULE}strict-id-in-types`]: [
    "error",
    {
      exceptions: {
        types: ["Cost", "MediaUrl", "PageInfo", "ProviderInfo", "SourceError", "TaskFailure", "TaskUpdate"],
        suffixes: ["Connection", "Edge", "Payload"],
      },
    },
  ],
};

export const REASONS = {
  [`${RULE}relay-arguments`]: "`tasks` pages forward only: no generator's list can be walked from its end",
  [`${RULE}relay-edge-types`]: "lists by id, and those of a few values inside an object, are no connections",
  [`${RULE}strict-id-in-types`]: "values without an identity of their own: clients keep them inside what they belong to",
};
