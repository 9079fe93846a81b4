// A task that is watched from its start to its end, over whatever carries it.
import { holds, same } from "../lib.mjs";

const SUBSCRIPTION = "subscription ($id: ID!) { taskUpdated(id: $id) { taskId task { status } error { code message } } }";

/** Its states. The stream must end by itself once the task has ended. subscribe: an operation -> its results. */
export async function watched(subscribe, id, advance) {
  const statuses = [];
  for await (const { data, errors } of subscribe({ query: SUBSCRIPTION, variables: { id } })) {
    holds(!errors, `the subscription: ${errors?.[0]?.message}`);
    const { taskId, task, error } = data.taskUpdated;
    holds(!error, `the subscription: ${error?.code} ${error?.message}`);
    same(taskId, id);
    statuses.push(task.status);
    // the sandbox's clock stands still for the task until it is moved: each state is seen before the next
    if (!["SUCCEEDED", "FAILED", "CANCELED"].includes(task.status)) await advance(5);
  }
  holds(statuses.length > 1 && statuses.at(-1) === "SUCCEEDED", `its states: ${statuses.join(", ")}`);
  return statuses;
}
