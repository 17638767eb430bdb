"use client";

import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { ButtonLink } from "@/components/ui/button";
import { RelativeTime } from "@/components/ui/relative-time";
import { Verdict } from "@/components/ui/verdict";
import { formatSpan } from "@/lib/core/words/format";
import type { Rollout } from "@/lib/domain/rollouts/api";

/** How it ended, with the reason that was recorded. */
export function OutcomeCard({ rollout, scope }: { rollout: Rollout; scope: Scope }) {
  const words = useWords();
  const locale = useLocale();
  const { link } = useShell();
  const text = words.rollouts.outcome;
  const { state, endedAt } = rollout;
  if (state !== "promoted" && state !== "rolled_back" && state !== "aborted") return null;
  const endpoint = rollout.endpoint.name;
  const release = words.endpoints.release({ number: state === "promoted" ? rollout.to.number : rollout.from.number });
  const action =
    state === "promoted"
      ? { label: text.next, href: link(`/${scope.project}/endpoints/${endpoint}`) }
      : { label: text.retry, href: link(`/${scope.project}/rollouts?new=1&endpoint=${endpoint}&release=${rollout.to.number}`) };
  return (
    <Verdict
      tone={state === "promoted" ? "good" : state === "rolled_back" ? "bad" : "idle"}
      title={text[state]({ endpoint, release })}
      action={<ButtonLink href={action.href}>{action.label}</ButtonLink>}
    >
      {rollout.endReason ?? text.noReason}{" "}
      {endedAt !== null && (
        <>
          {text.took({ span: formatSpan(Date.parse(endedAt) - Date.parse(rollout.createdAt), locale) })} <RelativeTime at={endedAt} />.
        </>
      )}
    </Verdict>
  );
}
