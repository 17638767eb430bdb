/** Words of the approvals pages. */
export const approvals = {
  title: "Approvals",
  create: "Ask for approval",
  empty: "Nothing waits for approval",
  emptyAbout: "An approval is bound to the digest of exactly what was shown. A rollout that needs one appears here.",
};
