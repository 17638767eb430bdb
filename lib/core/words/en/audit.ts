/** Words of the audit pages. */
export const audit = {
  title: "Audit trail",
  create: "Verify the chain",
  empty: "No audit events yet",
  emptyAbout: "Every change that a person or token makes is written here, chained so that tampering shows.",
};
