import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, PageQuery, pageOf } from "@/lib/contracts/page";

export const AuditEvent = z.strictObject({
  id: z.string(),
  sequence: z.int(),
  at: Instant,
  actor: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
  action: z.string(),
  object: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
  reason: z.string().nullable(),
  details: z.record(z.string(), z.json()),
  requestId: z.string(),
  prevHash: z.string(),
  hash: z.string(),
});
export type AuditEvent = z.infer<typeof AuditEvent>;

export const listAuditEvents = endpoint({
  id: "listAuditEvents",
  method: "GET",
  path: "/audit-events",
  tag: "Audit",
  summary: "The project's audit trail, newest first",
  access: "audit:read",
  query: z.strictObject({
    ...PageQuery.shape,
    objectKind: z.string().max(60).optional(),
    objectId: z.string().max(100).optional(),
    action: z.string().max(100).optional(),
    actorId: z.string().max(100).optional(),
  }),
  returns: pageOf(AuditEvent),
});

export const getAuditEvent = endpoint({
  id: "getAuditEvent",
  method: "GET",
  path: "/audit-events/{id}",
  tag: "Audit",
  summary: "One event of the audit trail",
  access: "audit:read",
  params: z.strictObject({ id: z.string().max(100) }),
  returns: AuditEvent,
});

export const AuditVerification = z.strictObject({
  /** True when every link holds and agrees with the head and with every anchor at hand. */
  intact: z.boolean(),
  checked: z.int(),
  lastSequence: z.int(),
  lastHash: z.string(),
  anchors: z.strictObject({ checked: z.int(), lastSequence: z.int().nullable() }),
  fault: z.strictObject({ kind: z.string(), sequence: z.int(), explanation: z.string() }).nullable(),
});
export type AuditVerification = z.infer<typeof AuditVerification>;

export const verifyAuditEvents = endpoint({
  id: "verifyAuditEvents",
  method: "GET",
  path: "/audit-events/verify",
  tag: "Audit",
  summary: "Recompute the whole hash chain and compare it with its head and the signed anchors",
  description:
    "Edited, deleted, inserted and reordered events break the chain; a cut tail is seen against the anchors, which are signed and kept outside the database. Anchors are checked where this process can read them; `anchors.checked` says how many were.",
  access: "audit:read",
  returns: AuditVerification,
});

export const AUDIT_ENDPOINTS = [listAuditEvents, getAuditEvent, verifyAuditEvents] as const;
