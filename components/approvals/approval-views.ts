import type { APPROVAL_VIEWS } from "@/lib/domain/approvals/api";

/** Which approvals the inbox shows. */
export type View = (typeof APPROVAL_VIEWS)[number] | "all";
export const VIEWS: readonly View[] = ["to_decide", "requested", "decided", "open", "unreviewed", "all"];
