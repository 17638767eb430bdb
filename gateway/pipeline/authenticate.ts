import { AppError } from "@/lib/core/errors";
import { sha256Hex } from "@/lib/infra/secrets";
import type { Caller, RequestState } from "./request-state";

const BEARER = /^bearer +(\S{8,512})$/i;

/** Finds the gateway key by the hash of its text. @throws AppError gateway_not_ready, invalid_api_key, unavailable */
export function authenticate(state: Pick<RequestState, "gateway" | "request">): Caller {
  const { gateway, request } = state;
  const config = gateway.config();
  if (config === null)
    throw new AppError("gateway_not_ready", "The gateway has not received a configuration yet.", { retryAfterSeconds: 1 });
  const text = BEARER.exec(request.headers.authorization ?? "")?.[1];
  if (text === undefined) throw new AppError("invalid_api_key", "Send the gateway key as “Authorization: Bearer sk-sy-…”.");
  const key = config.keyByHash.get(sha256Hex(text));
  if (key === undefined || (key.expiresAtMs !== null && key.expiresAtMs <= gateway.clock.nowMs()))
    throw new AppError("invalid_api_key", "The gateway key is unknown, expired or revoked.");
  if (key.scope.project.subjectKey === null)
    throw new AppError("unavailable", "The project's keys cannot be opened by this gateway.", { retryAfterSeconds: 10 });
  return { config, key };
}
