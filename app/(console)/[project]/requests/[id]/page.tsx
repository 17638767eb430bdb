import type { Metadata } from "next";
import { RequestPage } from "@/components/requests/request-page";
import { getRequestWords } from "@/components/shell/locale";
import { getRequest } from "@/lib/domain/usage";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

type Props = PageProps<"id">;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).requests.detail.title };
}

export default async function RequestRoute(props: Props) {
  const page = await openPage(props);
  const { actor, names } = page;
  const request = await readForPage(getRequest, actor, { params: { id: names.id } });
  return <RequestPage scope={toScope(page)} request={request} />;
}
