import type { Metadata } from "next";
import { SettingsFrame } from "@/components/access/settings-frame";
import { PolicySettings } from "@/components/approvals/policy-settings";
import { getRequestWords } from "@/components/shell/locale";
import { decideAccess } from "@/lib/core/policy/authorize";
import { getProtectedNames, listApprovalPolicies } from "@/lib/domain/approvals";
import { openPage, type PageProps, readForPage } from "@/lib/http/read-page";
import { listPeopleWith } from "../people";

export async function generateMetadata(): Promise<Metadata> {
  const { access, approvals } = await getRequestWords();
  return { title: `${approvals.settings.title} · ${access.title}` };
}

export default async function ApprovalSettingsPage(props: PageProps) {
  const { actor, project } = await openPage(props);
  const mayManage = decideAccess(actor, "project:manage", { projectId: project.id }).allowed;
  const [policies, protection] = await Promise.all([readForPage(listApprovalPolicies, actor), readForPage(getProtectedNames, actor)]);
  return (
    <SettingsFrame project={project} tab="approvals">
      <PolicySettings
        project={{ slug: project.slug, name: project.name }}
        policies={policies.items}
        protection={protection}
        mayManage={mayManage}
        admins={mayManage ? [] : await listPeopleWith(actor, "project:manage")}
      />
    </SettingsFrame>
  );
}
