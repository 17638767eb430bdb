/** Words of the budgets pages. */
export const budgets = {
  title: "Costs and budgets",
  create: "New budget",
  empty: "No budgets yet",
  emptyAbout:
    "A budget notifies at its thresholds and refuses requests at its limit, before the money is spent. Create the first one here or from CI:",
};
