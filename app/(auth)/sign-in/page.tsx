import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "@/components/access/sign-in-form";
import { getRequestWords } from "@/components/shell/locale";
import { PlainPage } from "@/components/shell/plain-page";
import { toLocalPath } from "@/lib/core/local-path";
import { listDemoPeople } from "@/lib/domain/access";
import { findPagePerson } from "@/lib/http/page-context";
import { env } from "@/lib/infra/env";

type Props = { searchParams: Promise<{ callbackUrl?: string | string[]; error?: string | string[] }> };

const one = (value: string | string[] | undefined) => (typeof value === "string" ? value : null);

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).access.signIn };
}

export default async function SignInPage({ searchParams }: Props) {
  const search = await searchParams;
  const callbackUrl = toLocalPath(one(search.callbackUrl));
  if ((await findPagePerson()) !== null) redirect(callbackUrl);
  const words = await getRequestWords();
  const settings = env("web");
  const people = settings.SWITCHYARD_DEMO ? await listDemoPeople() : [];
  return (
    <PlainPage title={words.access.signInTitle}>
      <p className="mb-5 text-body text-ink-2">{words.access.signInAbout}</p>
      <SignInForm
        callbackUrl={callbackUrl}
        startError={one(search.error)}
        oidcName={settings.OIDC_ISSUER === undefined ? null : settings.OIDC_NAME}
        people={people}
      />
    </PlainPage>
  );
}
