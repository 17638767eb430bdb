import type { EndpointSpec } from "@/lib/contracts/endpoint";
import { ACCESS_ENDPOINTS } from "@/lib/domain/access/api";
import { APPROVAL_ENDPOINTS } from "@/lib/domain/approvals/api";
import { AUDIT_ENDPOINTS } from "@/lib/domain/audit/api";
import { BACKEND_HEALTH_ENDPOINTS } from "@/lib/domain/backend-health/api";
import { BACKEND_ENDPOINTS } from "@/lib/domain/backends/api";
import { BUDGET_ENDPOINTS } from "@/lib/domain/budgets/api";
import { CONTENT_ENDPOINTS } from "@/lib/domain/contents/api";
import { DRIFT_ENDPOINTS } from "@/lib/domain/drift/api";
import { ENDPOINT_ENDPOINTS } from "@/lib/domain/endpoints/api";
import { EVALUATION_ENDPOINTS } from "@/lib/domain/evaluations/api";
import { EXPERIMENT_ENDPOINTS } from "@/lib/domain/experiments/api";
import { GATEWAY_ENDPOINTS } from "@/lib/domain/gateways/api";
import { PLAYGROUND_ENDPOINTS } from "@/lib/domain/playground/api";
import { ALIAS_ENDPOINTS } from "@/lib/domain/pointers/api";
import { PRICE_ENDPOINTS } from "@/lib/domain/prices/api";
import { PROMPT_ENDPOINTS } from "@/lib/domain/prompts/api";
import { REGISTRY_ENDPOINTS } from "@/lib/domain/registry/api";
import { ROLLOUT_ENDPOINTS } from "@/lib/domain/rollouts/api";
import { SCORE_ENDPOINTS } from "@/lib/domain/scores/api";

import { USAGE_ENDPOINTS } from "@/lib/domain/usage/api";

/** Every REST endpoint there is: the OpenAPI document and the contract tests walk this list. */
export const ENDPOINTS: readonly EndpointSpec[] = [
  ...REGISTRY_ENDPOINTS,
  ...ALIAS_ENDPOINTS,
  ...PROMPT_ENDPOINTS,
  ...PLAYGROUND_ENDPOINTS,
  ...EVALUATION_ENDPOINTS,
  ...APPROVAL_ENDPOINTS,
  ...BACKEND_ENDPOINTS,
  ...BACKEND_HEALTH_ENDPOINTS,
  ...ENDPOINT_ENDPOINTS,
  ...ROLLOUT_ENDPOINTS,
  ...EXPERIMENT_ENDPOINTS,
  ...SCORE_ENDPOINTS,
  ...PRICE_ENDPOINTS,
  ...BUDGET_ENDPOINTS,
  ...USAGE_ENDPOINTS,
  ...CONTENT_ENDPOINTS,
  ...DRIFT_ENDPOINTS,
  ...GATEWAY_ENDPOINTS,
  ...ACCESS_ENDPOINTS,
  ...AUDIT_ENDPOINTS,
];
