import { plural } from "../plural";
import type { Fill } from "../types";

/** Words of evaluation sets. */
export const evaluations = {
  title: "Evaluation sets",
  about: "Cases with the answer that counts as good. Save them from the playground or send them by the API.",
  empty: "No evaluation sets yet",
  emptyAbout: "A set holds cases: what is asked, and the answer that counts as good. The playground saves them.",
  toPlayground: "Open the playground",
  columns: { name: "Set", cases: "Cases", createdBy: "Made by", created: "Made" },
  count: (p: { count: Fill }) => plural(p.count, "case", "cases"),
  cases: "Cases",
  noCases: "No cases yet",
  case: (p: { number: Fill }) => `Case ${p.number}`,
  caseColumns: { number: "Case", asked: "Asked", expected: "Good answer", source: "From", tags: "Tags", created: "Saved" },
  noExpected: "none said",
  values: "Values",
  remove: "Take out",
  removed: (p: { number: Fill }) => `Case ${p.number} taken out`,
  request: "Request log",
};
