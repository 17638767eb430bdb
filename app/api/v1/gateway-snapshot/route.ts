import { AppError } from "@/lib/core/errors";
import { findNewestSnapshot } from "@/lib/domain/snapshots";
import { handleGateway } from "@/lib/http/gateway-auth";

export const dynamic = "force-dynamic";

/** What gateways poll while Redis gives them nothing newer. Not part of the public API. */
export const GET = handleGateway(async (request) => {
  const snapshot = await findNewestSnapshot();
  if (snapshot === null) throw new AppError("not_found", "No configuration was published yet.");
  const etag = `"${snapshot.epoch}.${snapshot.generation}"`;
  const headers = { etag, "cache-control": "no-store" };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return Response.json(snapshot, { headers });
});
