import type { Metadata } from "next";
import { ApiReference } from "@/components/docs/api-reference";
import { ENDPOINTS } from "@/lib/http/endpoints";
import { toOpenApi } from "@/lib/http/openapi";
import { env } from "@/lib/infra/env";

export const metadata: Metadata = { title: "API reference" };
export const dynamic = "force-dynamic";

/** Drawn from the very document that /api/v1/openapi.json gives. */
export default function ApiPage() {
  return <ApiReference document={toOpenApi(ENDPOINTS, env("web").WEB_URL)} />;
}
