import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, Instant, Name, PageQuery, pageOf } from "@/lib/contracts/page";
import { isZone } from "./rules/month";
import { BUDGET_STATES } from "./rules/window";

const TAG = "Budgets";
/** What a whole month may cost: to the nano-dollar, up to a billion dollars, as it is counted. */
const LimitUsd = z
  .string()
  .regex(/^(0|[1-9]\d{0,8})(\.\d{1,9})?$/, "must be a decimal such as 250 or 0.50, below 1,000,000,000 and with at most 9 places")
  .refine((v) => /[1-9]/.test(v), "must be above 0");
const Zone = z.string().max(100).refine(isZone, "must be an IANA time zone such as UTC, Asia/Seoul or America/New_York");
const ThresholdsBps = z
  .array(z.int().min(1, "is in basis points of the limit, at least 1").max(20_000, "is in basis points of the limit, at most 20000"))
  .max(10)
  .refine((list) => list.every((t, i) => i === 0 || t > (list[i - 1] ?? 0)), "must grow from one to the next");
const Action = z.enum(["notify", "block"]);
const WhenUnknown = z.enum(["refuse", "allow"]);
const BudgetParams = z.strictObject({ id: z.string() });

export const BudgetWindow = z.strictObject({
  startsAt: Instant,
  endsAt: Instant,
  limitUsd: z.string(),
  /** Cost of the requests that have arrived in the usage log. */
  settledUsd: z.string(),
  /** Leased to gateways and not settled yet. */
  heldUsd: z.string(),
  /** Neither spent nor leased. */
  leftUsd: z.string(),
  /** settled / limit; above 1 when the limit is passed. */
  settledRatio: z.number(),
  /** What the month will have cost if it goes on as since its first cost; null in the first day of that. */
  forecastUsd: z.string().nullable(),
  /** Thresholds that were passed, each noted once. */
  crossings: z.array(z.strictObject({ thresholdBps: z.int(), at: Instant, settledUsd: z.string(), limitUsd: z.string() })),
});
export type BudgetWindow = z.infer<typeof BudgetWindow>;

export const Budget = z.strictObject({
  id: z.string(),
  name: z.string(),
  environment: z.string(),
  /** null: every endpoint of the environment. */
  endpoint: z.string().nullable(),
  limitUsd: z.string(),
  zone: z.string(),
  thresholdsBps: z.array(z.int()),
  action: Action,
  whenUnknown: WhenUnknown,
  state: z.enum(BUDGET_STATES),
  window: BudgetWindow,
  createdBy: z.string(),
  createdAt: Instant,
  archivedAt: Instant.nullable(),
});
export type Budget = z.infer<typeof Budget>;

export const listBudgets = endpoint({
  id: "listBudgets",
  method: "GET",
  path: "/budgets",
  tag: TAG,
  summary: "Budgets of an environment with their present month, by name",
  access: "budget:read",
  query: z.strictObject({ ...PageQuery.shape, environment: EnvironmentName }),
  returns: pageOf(Budget),
});
export const createBudget = endpoint({
  id: "createBudget",
  method: "POST",
  path: "/budgets",
  tag: TAG,
  summary: "Set a monthly limit on an environment or one of its endpoints",
  description:
    "`notify` counts and notes thresholds. `block` also refuses at the gateways, before the money is spent. A budget for a month under way begins with what was spent in it already.",
  access: "budget:write",
  body: z.strictObject({
    name: Name,
    environment: EnvironmentName,
    /** null or left out: every endpoint of the environment. */
    endpoint: Name.nullable().default(null),
    limitUsd: LimitUsd,
    /** Whose months count; never changes. */
    zone: Zone.default("UTC"),
    thresholdsBps: ThresholdsBps.default([5_000, 8_000, 10_000]),
    action: Action.default("notify"),
    /** What a gateway does when its lease has run out and nobody answers. */
    whenUnknown: WhenUnknown.default("refuse"),
  }),
  returns: Budget,
  status: 201,
  errors: ["already_exists", "environment_unknown", "invalid_reference"],
});
export const getBudget = endpoint({
  id: "getBudget",
  method: "GET",
  path: "/budgets/{id}",
  tag: TAG,
  summary: "One budget with its present month",
  access: "budget:read",
  params: BudgetParams,
  returns: Budget,
  etag: true,
  errors: ["not_found"],
});
export const changeBudget = endpoint({
  id: "changeBudget",
  method: "PATCH",
  path: "/budgets/{id}",
  tag: TAG,
  summary: "Change a budget's limit, thresholds or action",
  description:
    "A new limit holds for the present month and those to come. A lower one binds as soon as the leases that are out are spent or end.",
  access: "budget:write",
  params: BudgetParams,
  body: z.strictObject({
    name: Name.optional(),
    limitUsd: LimitUsd.optional(),
    thresholdsBps: ThresholdsBps.optional(),
    action: Action.optional(),
    whenUnknown: WhenUnknown.optional(),
  }),
  returns: Budget,
  etag: true,
  errors: ["not_found", "already_exists", "state_conflict"],
});
export const archiveBudget = endpoint({
  id: "archiveBudget",
  method: "DELETE",
  path: "/budgets/{id}",
  tag: TAG,
  summary: "End a budget; its months stay readable",
  access: "budget:write",
  params: BudgetParams,
  returns: Budget,
  errors: ["not_found"],
});

const Share = z.strictObject({ costUsd: z.string(), requests: z.int(), unpriced: z.int() });
export const BudgetSpend = z.strictObject({
  /** The month shown, and those that can be. */
  window: BudgetWindow,
  months: z.array(z.strictObject({ startsAt: Instant, endsAt: Instant, settledUsd: z.string(), limitUsd: z.string() })),
  /** Cost of each hour that had any, oldest first. */
  hours: z.array(z.strictObject({ at: Instant, costUsd: z.string() })),
  /** endpoint null: backends that the console asked without one. */
  byEndpoint: z.array(z.strictObject({ endpoint: z.string().nullable(), ...Share.shape })),
  byModel: z.array(z.strictObject({ model: z.string().nullable(), version: z.int().nullable(), ...Share.shape })),
  leases: z.array(
    z.strictObject({
      id: z.string(),
      gatewayId: z.string(),
      bootId: z.string(),
      /** active: may be spent · expired: waits for what was admitted under it · returned: holds nothing */
      state: z.enum(["active", "expired", "returned"]),
      grantedUsd: z.string(),
      settledUsd: z.string(),
      heldUsd: z.string(),
      grantedAt: Instant,
      expiresAt: Instant,
    }),
  ),
  /** Requests that gateways refused for want of budget in the last hour. */
  refusedLastHour: z.int(),
});
export type BudgetSpend = z.infer<typeof BudgetSpend>;
export const getBudgetSpend = endpoint({
  id: "getBudgetSpend",
  method: "GET",
  path: "/budgets/{id}/spend",
  tag: TAG,
  summary: "A month of a budget: cost by hour, endpoint and model version, leases of gateways",
  access: "budget:read",
  params: BudgetParams,
  query: z.strictObject({
    /** An instant in the month wanted; the present month when left out. */
    at: Instant.optional(),
  }),
  returns: BudgetSpend,
  errors: ["not_found"],
});

export const BUDGET_ENDPOINTS = [listBudgets, createBudget, getBudget, changeBudget, archiveBudget, getBudgetSpend] as const;
