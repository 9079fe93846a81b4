// A program over what graphql-codegen writes: every scalar has a type of its own, and none is `any`.
import { graphql } from "./__generated__/codegen/index.js";
import type { TaskStatus } from "./__generated__/codegen/graphql.js";

export const PAGE = graphql(`
  query CodegenPage($first: Int, $filter: TaskFilter) {
    tasks(first: $first, filter: $filter) {
      edges {
        cursor
        node {
          id
          status
          createdAt
          raw
          cover {
            aspectRatio
            url(variant: THUMBNAIL)
          }
          seeds {
            value
          }
        }
      }
    }
  }
`);
export const CREATE = graphql(`
  mutation CodegenCreate($input: CreateTaskInput!) {
    createTask(input: $input) {
      taskId
    }
  }
`);
export const WATCH = graphql(`
  subscription CodegenWatch($id: ID!) {
    taskUpdated(id: $id) {
      task {
        status
      }
      error {
        code
        retryAfter
      }
    }
  }
`);

type Page = typeof PAGE extends { __apiType?: (variables: infer V) => infer R } ? { result: R; variables: V } : never;
const variables: Page["variables"] = { filter: { statuses: ["SUCCEEDED" as TaskStatus], createdAfter: "2024-05-22T06:16:57Z" } };
export function seeds(page: Page["result"]): string[] {
  return (page.tasks?.edges ?? []).flatMap(({ node }) => (node.seeds ?? []).map(({ value }) => value));
}
export const unknown = (page: Page["result"]): unknown => page.tasks?.edges[0]?.node.raw;
export { variables };
// @ts-expect-error a time is a string
variables.filter = { createdAfter: 1 };
