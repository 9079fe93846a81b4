import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";

const values = ["Cost", "MediaUrl", "SourceError", "TaskAction", "TaskFailure", "TaskUpdate"];
const payloads = ["CreateTask", "RerunTask", "PerformAction", "CancelTask", "DeleteTask", "UploadMedia"];
const embedded = [...values, ...payloads.map((name) => `${name}Payload`)].map((type) => [type, () => null]);
export const keys = { ...Object.fromEntries(embedded), ProviderInfo: ({ provider }) => provider };
const resolvers = { Query: { tasks: relayPagination(), task: (_, { id }) => ({ __typename: "Task", id }) } };

export const connect = (url) =>
  new Client({ url, exchanges: [cacheExchange({ keys, resolvers }), fetchExchange], fetchSubscriptions: true });
