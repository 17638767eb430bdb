"use client";

import { MessageSections } from "@/components/prompts/messages-card";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-field";
import { DetailList } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { Note } from "@/components/ui/note";
import { problemTitle } from "@/lib/core/words";
import { formatMillis, formatMoney, formatNumber } from "@/lib/core/words/format";
import type { RunDone } from "@/lib/domain/playground/api";
import { Message } from "@/lib/domain/prompts/api";
import type { Run } from "./use-runs";

type Props = { project: string; run: Run /** null: this person may not. */; onSave: (() => void) | null };

/** One answer as it comes, then what it took. */
export function RunColumn({ project, run, onSave }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.playground;
  const { target, phase, done } = run;
  return (
    <Card
      className="flex min-w-0 flex-col"
      aria-label={text.answerOf({ name: target.name })}
      aria-busy={phase === "waiting" || phase === "streaming"}
    >
      <CardHead
        title={target.name}
        sub={<span role="status">{text.phases[phase]}</span>}
        right={
          <>
            {done?.isSimulated === true && <NameTag kind="simulated" />}
            {run.text !== "" && <CopyButton value={run.text} what={text.answerOf({ name: target.name })} />}
          </>
        }
      />
      <CardBody className="flex flex-1 flex-col gap-3">
        {run.reasoning !== "" && (
          <details className="text-ink-2">
            <summary className="cursor-pointer text-small">{text.reasoning}</summary>
            <p className="mt-1 wrap-anywhere whitespace-pre-wrap">{run.reasoning}</p>
          </details>
        )}
        <p data-answer className="min-h-[3lh] wrap-anywhere whitespace-pre-wrap">
          {run.text}
          {phase === "streaming" && <span aria-hidden className="ml-0.5 inline-block h-[1em] w-[2px] translate-y-[2px] bg-ink-2" />}
        </p>
        {run.tool !== "" && (
          <div>
            <h3 className="text-small font-medium text-ink-3">{text.tools}</h3>
            <pre className="mt-1 overflow-x-auto rounded-control bg-sunken p-2 font-mono text-[12.5px]/5 whitespace-pre-wrap">
              {run.tool.trim()}
            </pre>
          </div>
        )}
        {phase === "done" && run.text === "" && run.tool === "" && <p className="text-ink-2">{text.empty}</p>}
        {phase === "failed" && <Failure run={run} />}
        {done !== null && <Figures done={done} />}
        {run.messages.length > 0 && (
          <details>
            <summary className="cursor-pointer text-small text-ink-2">{text.sent}</summary>
            <div className="mt-2 rounded-control border border-line">
              <MessageSections messages={run.messages.map(({ role, content }) => ({ role: toRole(role), content }))} />
            </div>
          </details>
        )}
        <div className="mt-auto flex flex-wrap items-center justify-between gap-2">
          {run.requestId !== null && <TextLink href={link(`/${project}/requests?request=${run.requestId}`)}>{text.openRequest}</TextLink>}
          {done !== null && onSave !== null && (
            <Button size="sm" onClick={onSave}>
              {text.saveCase}
            </Button>
          )}
        </div>
      </CardBody>
    </Card>
  );
}

const toRole = (role: string) => Message.shape.role.options.find((each) => each === role) ?? "user";

function Failure({ run: { problem } }: { run: Run }) {
  const text = useWords().playground;
  const locale = useLocale();
  if (problem === null) return <Note tone="bad">{text.broken}</Note>;
  return (
    <Note tone="bad" title={problemTitle(locale, problem.code) ?? problem.title}>
      <p>{problem.detail}</p>
      {problem.errors?.map((error) => (
        <p key={error.pointer}>
          <code>{error.pointer}</code> {error.detail}
        </p>
      ))}
    </Note>
  );
}

function Figures({ done }: { done: RunDone }) {
  const words = useWords();
  const text = words.playground;
  const label = text.figures;
  const tokens = `${formatNumber(done.inputTokens)} / ${formatNumber(done.outputTokens)}`;
  const served = [
    ...(done.release === null || done.variant === null
      ? []
      : [text.served({ release: text.release({ number: done.release }), variant: done.variant })]),
    ...(done.model === null ? [] : [done.modelVersion === null ? done.model : `${done.model} @${done.modelVersion}`]),
    done.backend,
  ];
  return (
    <div className="border-t border-line pt-3">
      <DetailList
        items={[
          { label: label.firstToken, value: formatMillis(done.ttftMs) },
          { label: label.total, value: formatMillis(done.totalMs) },
          { label: label.tokens, value: done.tokensEstimated ? `${tokens}, ${text.estimated}` : tokens },
          { label: label.cost, value: done.costUsd === null ? text.noPrice : formatMoney(done.costUsd) },
        ]}
      />
      <p className="mt-2 text-small text-ink-3">{served.join(" · ")}</p>
      {done.finishReason !== null && done.finishReason !== "stop" && (
        <p className="text-small text-hold-ink">{text.cut({ reason: done.finishReason })}</p>
      )}
    </div>
  );
}
