import { AppError } from "@/lib/core/errors";
import { env } from "@/lib/infra/env";
import { equalHex, sha256Hex } from "@/lib/infra/secrets";
import { guard } from "./handle";

/** A route that only this installation's gateways may call, with the token that they share with web. */
export function handleGateway(run: (request: Request) => Promise<Response>): (request: Request) => Promise<Response> {
  return (request) =>
    guard("gateway", request, async () => {
      const token = /^Bearer (\S{1,500})$/.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
      if (!equalHex(sha256Hex(token), sha256Hex(env("web").SWITCHYARD_GATEWAY_TOKEN)))
        throw new AppError("unauthenticated", "Only this installation's gateways read this address.");
      return run(request);
    });
}
