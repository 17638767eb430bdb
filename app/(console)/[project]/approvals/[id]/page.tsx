import type { Metadata } from "next";
import { ApprovalPage } from "@/components/approvals/approval-page";
import { getRequestWords } from "@/components/shell/locale";
import { getApproval } from "@/lib/domain/approvals";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { toScope } from "../../page-scope";

type Props = PageProps<"id">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const [{ approvals }, { id }] = await Promise.all([getRequestWords(), params]);
  return { title: approvals.numbered({ number: decodeURIComponent(id) }) };
}

export default async function ApprovalRoute(props: Props) {
  const page = await openPage(props);
  const approval = await readForPage(getApproval, page.actor, { params: { id: page.names.id } });
  return <ApprovalPage key={approval.id} scope={toScope(page)} initial={approval} />;
}
