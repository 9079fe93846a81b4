import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";

const embedded = ["Cost", "MediaUrl", "SourceError", "TaskAction", "TaskFailure", "TaskUpdate"];
const keys = Object.fromEntries(embedded.map((type) => [type, () => null]));
keys.ProviderInfo = ({ provider }) => provider;
const resolvers = { Query: { tasks: relayPagination(), task: (_, { id }) => ({ __typename: "Task", id }) } };

export const connect = (url) =>
  new Client({ url, exchanges: [cacheExchange({ keys, resolvers }), fetchExchange], fetchSubscriptions: true });
