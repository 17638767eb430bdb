import type { Metadata } from "next";
import { SetupForm } from "@/components/access/setup-form";
import { getRequestWords } from "@/components/shell/locale";
import { PlainPage } from "@/components/shell/plain-page";
import { Note } from "@/components/ui/note";

// The address holds a secret that works once: it must not travel in a Referer.
export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getRequestWords()).access.setupTitle, referrer: "no-referrer" };
}

export default async function SetupPage({ searchParams }: { searchParams: Promise<{ token?: string | string[] }> }) {
  const [{ token }, words] = await Promise.all([searchParams, getRequestWords()]);
  return (
    <PlainPage title={words.access.setupTitle}>
      <p className="mb-5 text-body text-ink-2">{words.access.setupAbout}</p>
      {typeof token === "string" ? <SetupForm token={token} /> : <Note tone="hold">{words.access.noLink}</Note>}
    </PlainPage>
  );
}
