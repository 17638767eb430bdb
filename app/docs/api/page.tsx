import type { Metadata } from "next";
import { ApiReference } from "@/components/docs/api-reference";
import { toReference } from "@/components/docs/reference";
import { getRequestWords } from "@/components/shell/locale";
import { ENDPOINTS } from "@/lib/http/endpoints";
import { toOpenApi } from "@/lib/http/openapi";
import { env } from "@/lib/infra/env";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).docs.title };
}

export default function ApiPage() {
  const serverUrl = env("web").WEB_URL;
  return <ApiReference groups={toReference(toOpenApi(ENDPOINTS, serverUrl))} serverUrl={serverUrl} />;
}
