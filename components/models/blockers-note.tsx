"use client";

import { useWords } from "@/components/shell/words-provider";
import { Note } from "@/components/ui/note";
import type { ModelVersion } from "@/lib/domain/registry/api";

const mostNames = 3;
const fileName = (uri: string) => uri.split("/").at(-1) ?? uri;

/** What stands between a version and its approval. */
export function BlockersNote({ version }: { version: ModelVersion }) {
  const words = useWords();
  const text = words.models.blockers;
  if (version.blockers.length === 0 || version.state === "retired") return null;
  const isBad = version.blockers.some(({ code }) => code !== "verifying" && code !== "not_verified");
  return (
    <Note tone={isBad ? "bad" : "hold"} title={text.title}>
      {version.blockers.map(({ code, artifacts }) => {
        const sentence = text[code];
        const names = artifacts.slice(0, mostNames).map(fileName).join(", ");
        const more = artifacts.length > mostNames ? ` +${artifacts.length - mostNames}` : "";
        return <p key={code}>{typeof sentence === "string" ? sentence : sentence({ artifacts: `${names}${more}` })}</p>;
      })}
    </Note>
  );
}
