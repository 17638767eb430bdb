/** Words of the drift pages. */
export const drift = {
  title: "Drift",
  create: "New monitor",
  empty: "No drift monitors yet",
  emptyAbout:
    "A monitor compares what comes in now with a reference window and says which features moved. Create the first one here or from CI:",
};
