"use client";

import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { RelativeTime } from "@/components/ui/relative-time";
import { call } from "@/lib/client/call";
import { MASK_KINDS } from "@/lib/contracts/content";
import { getRequestContent, type RequestContent } from "@/lib/domain/contents/api";
import { readQuestion, splitMasks } from "./content-text";

type Look = { kind: "closed" } | { kind: "opening" } | { kind: "open"; content: RequestContent } | { kind: "none" | "failed"; why: string };

/** What a request asked and was answered. It is read only when somebody presses the button: each reading is recorded. */
export function ContentCard({ scope, requestId }: { scope: Scope; requestId: string }) {
  const words = useWords();
  const text = words.content.request;
  const [look, setLook] = useState<Look>({ kind: "closed" });
  const may = mayAct(scope, "content:read");
  const show = async () => {
    setLook({ kind: "opening" });
    const answer = await call(getRequestContent, { project: scope.project, params: { id: requestId } });
    if (answer.ok) setLook({ kind: "open", content: answer.data });
    else setLook({ kind: answer.problem?.status === 404 ? "none" : "failed", why: answer.problem?.detail ?? words.errors.network });
  };
  return (
    <Card>
      <CardHead
        title={text.title}
        sub={text.about}
        right={
          may &&
          look.kind !== "open" && (
            <Button size="sm" busy={look.kind === "opening"} busyLabel={text.showing} onClick={show}>
              {text.show}
            </Button>
          )
        }
      />
      <div aria-live="polite">
        {look.kind === "open" && <OpenContent content={look.content} />}
        {(look.kind === "none" || look.kind === "failed") && (
          <CardBody>
            <p>{look.kind === "none" ? text.none : text.failed}</p>
            <p className="text-small text-ink-3">{look.why}</p>
          </CardBody>
        )}
      </div>
      {!may && <CardFoot>{words.content.needsRole({ role: words.nouns.roles[neededRole("content:read")] })}</CardFoot>}
    </Card>
  );
}

function OpenContent({ content }: { content: RequestContent }) {
  const words = useWords();
  const text = words.content.request;
  const { answers } = content;
  const masked = MASK_KINDS.flatMap((kind) =>
    content.masked[kind] === 0 ? [] : [`${words.content.kinds[kind]} (${content.masked[kind]})`],
  );
  return (
    <>
      <CardBody className="flex flex-col gap-4">
        <section aria-label={text.question} className="flex flex-col gap-2">
          <h3 className="font-semibold">{text.question}</h3>
          {readQuestion(content.question).map((part, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts never change
            <div key={i}>
              {part.name !== null && <p className="text-small text-ink-3">{part.name === "variables" ? text.variables : part.name}</p>}
              <MaskedText text={part.text} />
            </div>
          ))}
          {content.questionCut && <p className="text-small text-ink-3">… {text.cut}</p>}
        </section>
        <section aria-label={text.answer} className="flex flex-col gap-2">
          {answers.map((answer, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the answers never change
            <div key={i} className="flex flex-col gap-2">
              <h3 className="font-semibold">{answers.length === 1 ? text.answer : text.answerOf({ number: i + 1 })}</h3>
              <MaskedText text={answer} />
            </div>
          ))}
          {answers.length === 0 && <p className="text-ink-2">{text.noAnswer}</p>}
          {content.answerCut && <p className="text-small text-ink-3">… {text.cut}</p>}
        </section>
      </CardBody>
      <CardFoot>
        {text.until} <RelativeTime at={content.expiresAt} />
        {masked.length > 0 && ` · ${text.masked}: ${masked.join(", ")}`}
      </CardFoot>
    </>
  );
}

/** As it was written; what was struck out stands out. */
function MaskedText({ text }: { text: string }) {
  return (
    <p className="max-h-96 overflow-y-auto rounded-control border border-line bg-sunken px-3 py-2 whitespace-pre-wrap wrap-anywhere">
      {splitMasks(text).map((run, i) =>
        run.isMask ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the runs never change
          <mark key={i} className="rounded-mark bg-hold-bg px-1 font-mono text-small text-hold-ink">
            {run.text}
          </mark>
        ) : (
          run.text
        ),
      )}
    </p>
  );
}
