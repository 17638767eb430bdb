/** Words of the rollouts pages. */
export const rollouts = {
  title: "Rollouts",
  create: "New rollout",
  empty: "No rollouts yet",
  emptyAbout: "A rollout moves an endpoint from one release to the next, step by step. Open the first one here or from CI:",
};
