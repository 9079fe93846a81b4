import { defineConfig } from '@graphql-hive/gateway';

export const gatewayConfig = defineConfig({
  graphiql: false,
  landingPage: false,
  logging: 'warn',
  polling: undefined,
  additionalResolvers: {
    Task: {
      picture: {
        selectionSet: '{ outputs }',
        resolve: (root, _args, context, info) =>
          root.outputs?.mediaId
            ? context.pixai.Query.media({ root, args: { id: root.outputs.mediaId }, context, info })
            : null,
      },
    },
  },
});
