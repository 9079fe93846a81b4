// The same program with gql.tada, which reads the documents as types.
import { initGraphQLTada, type ResultOf, type VariablesOf } from "gql.tada";
import type { introspection } from "./__generated__/tada";

const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { BigInt: string; DateTime: string; JSON: unknown; URL: string; Upload: File; _Any: unknown };
}>();

export const PAGE = graphql(`
  query TadaPage($first: Int, $filter: TaskFilter) {
    tasks(first: $first, filter: $filter) {
      edges { cursor node { id status createdAt cover { aspectRatio url(variant: THUMBNAIL) } seeds { value } } }
    }
  }
`);
export const WATCH = graphql(`
  subscription TadaWatch($id: ID!) { taskUpdated(id: $id) { task { status } error { code retryAfter } } }
`);

export const variables: VariablesOf<typeof PAGE> = { filter: { statuses: ["SUCCEEDED"], createdAfter: "2024-05-22T06:16:57Z" } };
export function seeds(page: ResultOf<typeof PAGE>): string[] {
  return (page.tasks?.edges ?? []).flatMap(({ node }) => (node.seeds ?? []).map(({ value }) => value));
}
export const ratio = (page: ResultOf<typeof PAGE>): number | null | undefined => page.tasks?.edges[0]?.node.cover?.aspectRatio;
// @ts-expect-error there is no such status
variables.filter = { statuses: ["STALLED"] };
