import { graphql } from "relay-runtime";

graphql`
  query queriesTasksQuery($after: String) {
    tasks(first: 5, after: $after) @connection(key: "queries_tasks") {
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
