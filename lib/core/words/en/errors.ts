import { plural } from "../plural";
import type { Fill } from "../types";

export const errors = {
  notRead: (p: { what: Fill }) => `${p.what} could not be read`,
  trafficSafe: "Live traffic is not affected: the gateways go on with the last configuration they have.",
  reference: (p: { code: Fill; requestId: Fill }) => `${p.code}, request ${p.requestId}`,
  request: "request",
  network: "No answer from the server. The change may or may not have been made: look at the page before you try again.",
  readNetwork: "No answer from the server. The page shows what was read last.",
  unknown: "The server could not finish this. Nothing is known to have changed.",
  form: (p: { count: Fill }) => `Not saved: ${plural(p.count, "field needs", "fields need")} a change.`,
  fieldNeeded: "This is needed.",
  tooShort: (p: { min: Fill }) => `At least ${p.min} characters.`,
  pageTitle: "This page could not be shown",
  pageDetail: "Something failed on the way. Live traffic is not affected: the gateways do not need this page.",
  globalDetail: "The application could not start on this page. Live traffic is not affected: the gateways do not need it.",
  notFoundTitle: "Nothing is here",
  notFoundDetail: "The address may be old, or it belongs to a project that you are not a member of.",
  notFoundBack: "Go to the overview",
  noPermission: "You can look, not change",
  noPermissionRead: "You cannot open this",
  needsRole: (p: { act: Fill; role: Fill }) => `${p.act} needs the role ${p.role}.`,
  whoHasRole: (p: { project: Fill; people: Fill }) => `In ${p.project} these people have it: ${p.people}.`,
  nobodyHasRole: (p: { project: Fill }) => `Nobody in ${p.project} has it.`,
};
