import Link from "next/link";
import { getRequestWords } from "@/components/shell/locale";
import { CodeBlock } from "@/components/ui/code-block";
import { OperationIndex } from "./operation-index";
import { OperationSection } from "./operation-section";
import type { Group } from "./reference";

/** The whole API on one page: what is common to all calls, then each call with its own anchor. */
export async function ApiReference({ groups, serverUrl }: { groups: readonly Group[]; serverUrl: string }) {
  const words = await getRequestWords();
  const index = groups.map(({ id, name, operations }) => ({
    id,
    name,
    operations: operations.map(({ id, method, path, summary }) => ({ id, method, path, summary })),
  }));
  const count = groups.reduce((sum, group) => sum + group.operations.length, 0);
  return (
    <div className="mx-auto grid max-w-[1400px] grid-cols-[minmax(0,1fr)] gap-x-8 px-(--page-pad) lg:grid-cols-[280px_minmax(0,1fr)]">
      <aside className="lg:sticky lg:top-(--topbar-h) lg:h-[calc(100dvh-var(--topbar-h))] lg:overflow-y-auto lg:py-6 max-lg:pt-4 print:hidden">
        <OperationIndex groups={index} />
      </aside>
      <main id="main" tabIndex={-1} className="min-w-0 py-6 outline-none">
        <h1 className="text-h1 font-semibold tracking-[-0.018em]">{words.docs.title}</h1>
        <p className="mt-1.5 max-w-[84ch] text-body text-ink-2">
          {words.docs.about}{" "}
          <a href="/api/v1/openapi.json" className="link">
            {words.docs.document}
          </a>
          , {words.docs.operations({ count })}.
        </p>
        <section aria-labelledby="basics" className="mt-6 grid max-w-[84ch] grid-cols-[minmax(0,1fr)] gap-3 text-body text-ink-2">
          <h2 id="basics" className="text-h2 font-semibold tracking-[-0.012em] text-ink">
            {words.docs.basics}
          </h2>
          <p>{words.docs.basicsAuth}</p>
          <CodeBlock
            code={`curl -H "Authorization: Bearer $SWITCHYARD_TOKEN" "${serverUrl}/api/v1/endpoints"`}
            label={words.docs.example}
            wrap
          />
          <ul className="grid list-disc gap-1.5 pl-5">
            <li>{words.docs.basicsLists}</li>
            <li>
              {words.docs.basicsErrors}{" "}
              <Link href="/docs/errors" className="link">
                {words.docs.allErrors}
              </Link>
            </li>
            <li>{words.docs.basicsRepeat}</li>
            <li>{words.docs.basicsChange}</li>
          </ul>
        </section>
        {groups.map((group) => (
          <section key={group.id} aria-labelledby={group.id} className="mt-10">
            <h2 id={group.id} className="scroll-mt-16 border-b border-line pb-2 text-h2 font-semibold tracking-[-0.012em]">
              {group.name}
            </h2>
            {group.operations.map((operation) => (
              <OperationSection key={operation.id} operation={operation} words={words} />
            ))}
          </section>
        ))}
      </main>
    </div>
  );
}
