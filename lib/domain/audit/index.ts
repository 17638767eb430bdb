export { type AuditActor, type AuditDraft, appendEvent, INSTALLATION_CHAIN } from "./append-event";
export { listHeads } from "./queries";
export { type AuditFacet, getAuditEvent, listAuditEvents, listAuditFacets, verifyAuditEvents } from "./read-events";
export { type AnchorSource, provideAnchors, verifyChain } from "./verify-chain";
export { writeAnchors } from "./write-anchors";
