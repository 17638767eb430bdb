import type { EndpointSpec } from "@/lib/contracts/endpoint";
import { ACCESS_ENDPOINTS } from "@/lib/domain/access/api";
import { AUDIT_ENDPOINTS } from "@/lib/domain/audit/api";
import { ROLLOUT_ENDPOINTS } from "@/lib/domain/rollouts/api";

/** Every REST endpoint there is: the OpenAPI document and the contract tests walk this list. */
export const ENDPOINTS: readonly EndpointSpec[] = [...ACCESS_ENDPOINTS, ...AUDIT_ENDPOINTS, ...ROLLOUT_ENDPOINTS];
