import { plural } from "../plural";
import type { Fill } from "../types";

/** Words of the limits of gateway keys and endpoints. */
export const limits = {
  title: "Limits",
  none: "no limit",
  endpointSub: "all callers together",
  requests: "Requests a minute",
  tokens: "Tokens a minute",
  concurrent: "Requests at a time",
  hint: "Empty: no limit. A minute is any 60 seconds; tokens are input and output together.",
  requestsOf: (p: { count: Fill }) => `${plural(p.count, "request", "requests")} a minute`,
  tokensOf: (p: { count: Fill }) => `${plural(p.count, "token", "tokens")} a minute`,
  concurrentOf: (p: { count: Fill }) => `${p.count} at a time`,
  change: "Change",
  changeOf: (p: { name: Fill }) => `Change limits of ${p.name}`,
  titleOf: (p: { name: Fill }) => `Limits of ${p.name}`,
  keyAbout: "What the application with this key may send. Gateways hold to it within seconds; requests under way go on.",
  endpointAbout: "What all keys together may send to this endpoint. Gateways hold to it within seconds; requests under way go on.",
  save: "Save limits",
  saving: "Saving",
  saved: (p: { name: Fill }) => `The limits of ${p.name} are changed.`,
  needsRole: (p: { role: Fill }) => `Changing limits needs the role ${p.role}.`,
};
