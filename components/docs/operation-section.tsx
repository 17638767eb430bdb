import Link from "next/link";
import type { ReactNode } from "react";
import { CodeBlock } from "@/components/ui/code-block";
import type { Words } from "@/lib/core/words";
import { FieldTable } from "./field-table";
import { InlineMarkdown } from "./markdown";
import { MethodMark } from "./method-mark";
import type { Operation } from "./reference";

/** One call: what it is for, who may, what goes in, what comes out, what can go wrong, and how to try it. */
export function OperationSection({ operation, words }: { operation: Operation; words: Words }) {
  const { id, method, path, summary, description, parameters, body, answers, errors, curl } = operation;
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="scroll-mt-14 border-b border-line py-6 last:border-0">
      <h3 id={`${id}-title`} className="group text-[15px]/6 font-semibold tracking-[-0.01em]">
        {summary}{" "}
        <a
          href={`#${id}`}
          aria-label={words.docs.linkTo({ name: summary })}
          className="font-normal text-ink-3 opacity-0 group-hover:opacity-100 focus-visible:opacity-100"
        >
          #
        </a>
      </h3>
      <p className="mt-1 flex flex-wrap items-baseline gap-x-2.5 font-mono text-[13px]/5">
        <MethodMark method={method} />
        <span className="wrap-anywhere">{path}</span>
      </p>
      {description !== "" && (
        <p className="mt-2 max-w-[84ch] text-ink-2">
          <InlineMarkdown text={description} />
        </p>
      )}
      <p className="mt-1.5 text-small text-ink-3">
        {words.docs.may}: <Access access={operation.access} words={words} />
      </p>
      <div className="mt-3 grid grid-cols-[minmax(0,1fr)] gap-4 min-[1280px]:grid-cols-[minmax(0,1fr)_400px]">
        <div className="grid min-w-0 content-start gap-3">
          {parameters.length > 0 && (
            <Part title={words.docs.parameters} open>
              <FieldTable
                caption={`${summary}: ${words.docs.parameters}`}
                words={words}
                lines={parameters.map((p) => ({ ...p, note: placeOf(p.place, words) }))}
              />
            </Part>
          )}
          {body.length > 0 && (
            <Part title={words.docs.body} open>
              <FieldTable caption={`${summary}: ${words.docs.body}`} words={words} lines={body} />
            </Part>
          )}
          {answers.map((answer) => (
            <Part key={answer.status} title={words.docs.answer({ status: answer.status })} sub={answer.description}>
              <FieldTable
                caption={`${summary}: ${words.docs.answer({ status: answer.status })}`}
                words={words}
                lines={answer.fields}
                withRequired={false}
              />
            </Part>
          ))}
          <Part title={words.docs.errorCodes} sub={errors.map((e) => e.status).join(", ")}>
            <ul className="grid gap-1 px-3 py-2.5">
              {errors.map((error) => (
                <li key={error.status} className="flex gap-3">
                  <span className="w-9 shrink-0 text-ink-3">{error.status}</span>
                  <span className="flex flex-wrap gap-x-2.5 gap-y-0.5">
                    {error.codes.map((code) => (
                      <Link key={code} href={`/docs/errors/${code}`} prefetch={false} className="link font-mono text-[12px]/5">
                        {code}
                      </Link>
                    ))}
                  </span>
                </li>
              ))}
            </ul>
          </Part>
        </div>
        <CodeBlock
          code={curl}
          label={`${summary}: ${words.docs.example}`}
          className="self-start min-[1280px]:sticky min-[1280px]:top-[calc(var(--topbar-h)+16px)]"
        />
      </div>
    </section>
  );
}

function placeOf(place: string, words: Words): string {
  const places: Readonly<Record<string, string>> = words.docs.places;
  return places[place] ?? place;
}

function Access({ access, words }: { access: Operation["access"]; words: Words }) {
  if (access === "public") return words.docs.anybody;
  if (access === "session") return words.docs.anySession;
  const roles: Readonly<Record<string, string>> = words.nouns.roles;
  const role = words.docs.needsRole({ role: roles[access.role] ?? access.role });
  return access.scope === null ? `${role}, ${words.docs.noToken}` : `${role}, ${words.docs.needsScope({ scope: access.scope })}`;
}

function Part({ title, sub, open = false, children }: { title: string; sub?: string; open?: boolean; children: ReactNode }) {
  return (
    <details open={open} className="group/part overflow-hidden rounded-control border border-line bg-surface">
      <summary className="flex cursor-pointer items-baseline gap-2 bg-sunken px-3 py-1.5 text-small font-medium text-ink-2 max-md:py-3 focus-visible:-outline-offset-2">
        {title}
        {sub !== undefined && <span className="font-normal text-ink-3">{sub}</span>}
      </summary>
      <div className="border-t border-line">{children}</div>
    </details>
  );
}
