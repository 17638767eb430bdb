import { AppError } from "@/lib/core/errors";
import { sha256Hex } from "@/lib/infra/secrets";
import type { RuntimeConfig } from "../config/runtime-config";
import type { Caller, RequestState } from "./request-state";

const BEARER = /^bearer +(\S{8,512})$/i;

/** The endpoint or backend that an internal token names, where it is its project's and environment's. */
function authenticateInternal({ gateway, request }: Asking, config: RuntimeConfig): Caller {
  const claims = gateway.internalCalls.take(request.headers.authorization);
  const { projectId, environment, target } = claims;
  const found = config.internalTargets.get(target.kind === "endpoint" ? target.endpointId : target.backendId);
  const isOfKind = found !== undefined && (found.endpoint.direct === null) === (target.kind === "endpoint");
  if (!isOfKind || found.scope.project.id !== projectId || found.scope.environment !== environment)
    throw new AppError("endpoint_not_found", `This gateway's configuration has no such ${target.kind}.`);
  const { scope, endpoint } = found;
  return { config, key: { id: null, team: null, scope }, internal: { claims, endpoint } };
}

type Asking = Pick<RequestState, "gateway" | "request"> & { readonly isInternal?: boolean };

/**
 * Finds the gateway key by the hash of its text; on the address of internal calls takes an internal token, and nothing else.
 * @throws AppError gateway_not_ready, invalid_api_key, unavailable, endpoint_not_found
 */
export function authenticate(state: Asking): Caller {
  const { gateway, request } = state;
  const config = gateway.config();
  if (config === null)
    throw new AppError("gateway_not_ready", "The gateway has not received a configuration yet.", { retryAfterSeconds: 1 });
  if (state.isInternal) return authenticateInternal(state, config);
  const text = BEARER.exec(request.headers.authorization ?? "")?.[1];
  if (text === undefined) throw new AppError("invalid_api_key", "Send the gateway key as “Authorization: Bearer sk-sy-…”.");
  const key = config.keyByHash.get(sha256Hex(text));
  if (key === undefined || (key.expiresAtMs !== null && key.expiresAtMs <= gateway.clock.nowMs()))
    throw new AppError("invalid_api_key", "The gateway key is unknown, expired or revoked.");
  if (key.scope.project.subjectKey === null)
    throw new AppError("unavailable", "The project's keys cannot be opened by this gateway.", { retryAfterSeconds: 10 });
  return { config, key, internal: null };
}
