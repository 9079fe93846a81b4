import { defineConfig, loadGraphQLHTTPSubgraph } from '@graphql-mesh/compose-cli';

export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadGraphQLHTTPSubgraph('pixai', {
        endpoint: `${process.env.UPSTREAM}/graphql`,
        source: './schema.graphql',
        operationHeaders: { authorization: 'Bearer bench' },
      }),
    },
  ],
  additionalTypeDefs: /* GraphQL */ `
    extend type Task {
      picture: Media
    }
  `,
});
