import { graphql } from "relay-runtime";

graphql`
  query queriesTasksQuery($after: String) {
    tasks(first: 5, after: $after, filter: { createdBefore: "2025-01-01T00:00:00Z" })
      @connection(key: "queries_tasks", filters: []) {
      edges { node { id status cover { id aspectRatio permalink } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

graphql`
  query queriesTaskQuery($id: ID!) {
    node(id: $id) {
      ... on Task { status seeds { value } actions { label } }
    }
  }
`;

graphql`
  subscription queriesTaskSubscription($id: ID!) {
    taskUpdated(id: $id) { taskId task { id status } error { code } }
  }
`;
