import { ENDPOINTS } from "@/lib/http/endpoints";
import { toOpenApi } from "@/lib/http/openapi";
import { env } from "@/lib/infra/env";

export const dynamic = "force-dynamic";

/** The OpenAPI document, for anybody: it says nothing that the public source does not. */
export function GET(): Response {
  return Response.json(toOpenApi(ENDPOINTS, env("web").WEB_URL), { headers: { "cache-control": "public, max-age=60" } });
}
