/** Words of the models pages. */
export const models = {
  title: "Models",
  create: "Register a model",
  empty: "No models yet",
  emptyAbout:
    "A model is a name; each version under it is immutable, with its artifacts, digests and lineage. Register the first one here or from CI:",
};
