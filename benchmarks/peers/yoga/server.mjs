// As much of the graph as is measured, written by hand for speed: a dataloader a request, one aliased
// document per 25 ids printed once for its size, undici's pool, and yoga's own caches of parsed documents.
import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import DataLoader from 'dataloader';
import { createSchema, createYoga } from 'graphql-yoga';
import { Pool } from 'undici';

const CHUNK = 25;
const upstream = new Pool(process.env.UPSTREAM, { connections: 100 });
const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' };
const statuses = { waiting: 'QUEUED', running: 'RUNNING', completed: 'SUCCEEDED', failed: 'FAILED' };

async function ask(query, variables) {
  const { statusCode, body } = await upstream.request({
    path: '/graphql', method: 'POST', headers, body: JSON.stringify({ query, variables }),
  });
  const answer = await body.json();
  if (statusCode !== 200 || answer.errors) throw new Error(`upstream: ${statusCode}`);
  return answer.data;
}

const texts = new Map();
function text(size) {
  let found = texts.get(size);
  if (found === undefined) {
    const numbers = [...Array(size).keys()];
    const names = numbers.map((i) => `$k${i}: String!`).join(', ');
    const fields = numbers.map(
      (i) => `m${i}: media(id: $k${i}) { id type width height imageType urls { variant url } }`,
    );
    texts.set(size, (found = `query(${names}) { ${fields.join(' ')} }`));
  }
  return found;
}

async function manyMedia(keys) {
  const variables = {};
  keys.forEach((key, i) => { variables[`k${i}`] = key; });
  const data = await ask(text(keys.length), variables);
  return keys.map((_, i) => data[`m${i}`]);
}

const PAGE = `query($last: Int!) { me { tasks(last: $last) { pageInfo { hasPreviousPage } edges { node {
  id userId parameters outputs status startedAt endAt createdAt updatedAt } } } } }`;
const bare = (id) => (id.startsWith('pixai:') ? id.slice(6) : id);

const schema = createSchema({
  typeDefs: /* GraphQL */ `
    type Query {
      media(id: ID!): Media
      mediaById(ids: [ID!]!): [Media]!
      tasks(first: Int = 20): TaskConnection
    }
    type TaskConnection { nodes: [Task!]! pageInfo: PageInfo! }
    type PageInfo { hasNextPage: Boolean! }
    type Task { id: ID! status: String! createdAt: String media: [Media]! }
    type Media { id: ID! width: Int height: Int urls: [MediaUrl!] }
    type MediaUrl { variant: String! url: String! }
  `,
  resolvers: {
    Query: {
      media: (_, { id }, { media }) => media.load(bare(id)),
      mediaById: (_, { ids }, { media }) => media.loadMany(ids.map(bare)),
      tasks: async (_, { first }) => {
        const { edges, pageInfo } = (await ask(PAGE, { last: first })).me.tasks;
        return {
          nodes: edges.map((edge) => edge.node).reverse(),
          pageInfo: { hasNextPage: pageInfo.hasPreviousPage },
        };
      },
    },
    Task: {
      id: (task) => `task:pixai:${task.id}`,
      status: (task) => statuses[task.status] ?? 'UNKNOWN',
      media: (task, _, { media }) => (task.outputs?.mediaId ? media.loadMany([task.outputs.mediaId]) : []),
    },
    Media: { id: (one) => `media:pixai:${one.id}` },
  },
});

const yoga = createYoga({
  schema,
  context: () => ({ media: new DataLoader(manyMedia, { maxBatchSize: CHUNK }) }),
  plugins: process.env.JIT ? [useGraphQlJit()] : [],
  graphiql: false,
  landingPage: false,
  logging: 'warn',
});
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
