import { isReady } from "@/lib/http/readiness";

export const dynamic = "force-dynamic";

/** Can serve: PostgreSQL answers. */
export async function GET(): Promise<Response> {
  const ready = await isReady();
  return Response.json({ status: ready ? "ready" : "not ready", postgres: ready }, { status: ready ? 200 : 503 });
}
