"use client";

import { FastForward, Pause, Play, Undo2 } from "lucide-react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useAnnounce } from "@/components/shell/announce";
import { useAddressChoice } from "@/components/shell/use-address-choice";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { type Control, SafeControls, StickyActions } from "@/components/ui/safe-controls";
import { describeSplit, type SplitPart } from "@/components/ui/split-bar";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import type { Words } from "@/lib/core/words";
import { formatNumber, formatSpan } from "@/lib/core/words/format";
import {
  abortRollout,
  pauseRollout,
  promoteRollout,
  type Rollout,
  type RolloutVerb,
  resumeRollout,
  rollbackRollout,
} from "@/lib/domain/rollouts/api";
import { wantedSplit } from "./rollout-look";
import { shareText } from "./rollout-steps";

const ACTS = ["rollback", "pause", "resume", "promote", "abort"] as const;
export type Act = (typeof ACTS)[number];

const verbs: Record<Act, RolloutVerb> = {
  rollback: rollbackRollout,
  pause: pauseRollout,
  resume: resumeRollout,
  promote: promoteRollout,
  abort: abortRollout,
};

type Props = {
  rollout: Rollout;
  scope: Scope;
  /** Of the endpoint, lately; null when nothing was counted. */
  perMinute: number | null;
  onMoved: () => void;
};

/** The open dialog is in the address: `?act=rollback`. */
export function useAct(): { act: Act | null; setAct: (act: Act | null) => void } {
  const { choice, setChoice } = useAddressChoice("act", ACTS);
  return { act: choice, setAct: setChoice };
}

/** Roll back first, then hold, then go on; each says what it does to live traffic before it does it. */
export function RolloutControls({ rollout, scope, perMinute }: Omit<Props, "onMoved">) {
  const words = useWords();
  const locale = useLocale();
  const { setAct } = useAct();
  return <SafeControls controls={toControls({ rollout, scope, perMinute, words, span: (ms) => formatSpan(ms, locale) }, setAct)} />;
}

/** The dialog of the act that the address names, where it is possible and allowed. */
export function RolloutDialog({ rollout, scope, perMinute, onMoved }: Props) {
  const { act, setAct } = useAct();
  return (
    <>
      {act !== null && rollout.allowed[act] && mayAct(scope, verbs[act].access) && (
        <ActDialog
          key={act}
          act={act}
          rollout={rollout}
          scope={scope}
          perMinute={perMinute}
          onMoved={onMoved}
          onClose={() => setAct(null)}
        />
      )}
    </>
  );
}

/** The same acts at the thumb; each opens its sheet first. The last child of the page. */
export function RolloutSticky({ rollout, scope }: Pick<Props, "rollout" | "scope">) {
  const words = useWords();
  const { setAct } = useAct();
  const may = mayAct(scope, "rollout:drive");
  const isPaused = rollout.state === "paused";
  return (
    <StickyActions>
      <Button
        icon={isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
        disabled={!may || !(isPaused ? rollout.allowed.resume : rollout.allowed.pause)}
        onClick={() => setAct(isPaused ? "resume" : "pause")}
      >
        {isPaused ? words.actions.resume : words.actions.pause}
      </Button>
      <Button variant="danger" icon={<Undo2 aria-hidden />} disabled={!may || !rollout.allowed.rollback} onClick={() => setAct("rollback")}>
        {words.rollouts.controls.phoneRollback}
      </Button>
    </StickyActions>
  );
}

type About = Omit<Props, "onMoved"> & { readonly words: Words; readonly span: (ms: number) => string };

function toControls({ rollout, scope, perMinute, words, span }: About, setAct: (act: Act) => void): Control[] {
  const text = words.rollouts.controls;
  const from = words.endpoints.release({ number: rollout.from.number });
  const to = words.endpoints.release({ number: rollout.to.number });
  const share = shareText(rollout.weightBps);
  const split = describeSplit(wantedSplit(rollout, words), 0);
  const moved = (part: number) => (perMinute === null ? null : formatNumber(perMinute * part));
  const role = (action: "rollout:drive" | "rollout:override") => words.nouns.roles[neededRole(action)];
  const mayDrive = mayAct(scope, "rollout:drive");
  const drive = (sentence: string) => (mayDrive ? sentence : text.needsRole({ role: role("rollout:drive") }));
  const back = moved(rollout.weightBps / 10_000);
  const forward = moved(1 - rollout.weightBps / 10_000);
  const rollback: Control = {
    id: "rollback",
    label: words.actions.rollBackTo({ release: from }),
    variant: "danger-outline",
    icon: <Undo2 aria-hidden />,
    onClick: () => setAct("rollback"),
    disabled: !mayDrive || !rollout.allowed.rollback,
    sentence: rollout.allowed.rollback
      ? drive(back === null ? text.rollback.sentenceUnknown({ release: from }) : text.rollback.sentence({ release: from, count: back }))
      : text.busy,
  };
  const hold: Control =
    rollout.state === "paused"
      ? {
          id: "resume",
          label: words.actions.resume,
          icon: <Play aria-hidden />,
          onClick: () => setAct("resume"),
          disabled: !mayDrive || !rollout.allowed.resume,
          sentence: drive(text.resume.sentence({ share })),
        }
      : {
          id: "pause",
          label: text.pause.label({ share }),
          icon: <Pause aria-hidden />,
          onClick: () => setAct("pause"),
          disabled: !mayDrive || !rollout.allowed.pause,
          sentence: rollout.allowed.pause
            ? drive(text.pause.sentence({ split, age: span(rollout.plan.pauseDeadlineSeconds * 1000) }))
            : text.busy,
        };
  const mayOverride = mayAct(scope, "rollout:override");
  const promote: Control = {
    id: "promote",
    label: text.promote.label,
    icon: <FastForward aria-hidden />,
    onClick: () => setAct("promote"),
    disabled: !mayOverride || !rollout.allowed.promote,
    sentence: promoteSentence(),
  };
  return [rollback, hold, promote];

  function promoteSentence(): string {
    if (!mayOverride) return text.promote.role({ role: role("rollout:override") });
    if (!rollout.allowed.promote) return rollout.verdict === "fail" ? text.promote.failing : text.busy;
    return forward === null ? text.promote.sentenceUnknown({ release: to }) : text.promote.sentence({ release: to, count: forward });
  }
}

type DialogProps = Props & { act: Act; onClose: () => void };

function ActDialog({ act, rollout, scope, perMinute, onMoved, onClose }: DialogProps) {
  const words = useWords();
  const toast = useToast();
  const announce = useAnnounce();
  const text = words.rollouts.controls;
  const from = words.endpoints.release({ number: rollout.from.number });
  const to = words.endpoints.release({ number: rollout.to.number });
  const share = shareText(rollout.weightBps);
  const endpoint = rollout.endpoint.name;
  const before = wantedSplit(rollout, words);
  const all = (weightBps: number): SplitPart[] => wantedSplit({ ...rollout, weightBps }, words);
  const moves = (part: number) => (perMinute === null ? undefined : text.moves({ count: formatNumber(perMinute * part) }));
  const back = { after: all(0), afterNote: moves(rollout.weightBps / 10_000), danger: true };
  const shapes = {
    rollback: {
      ...back,
      title: text.rollback.title({ endpoint, release: from }),
      effect: text.rollback.effect,
      label: words.actions.rollBackTo({ release: from }),
      busy: words.actions.rollingBack,
      done: text.rollback.done({ release: from }),
    },
    abort: {
      ...back,
      title: text.abort.title({ endpoint, number: rollout.number }),
      effect: text.abort.effect,
      label: text.abort.confirm,
      busy: words.actions.aborting,
      done: text.abort.done,
    },
    pause: {
      after: before,
      afterNote: undefined,
      danger: false,
      title: text.pause.title({ endpoint, share }),
      effect: text.pause.effect,
      label: text.pause.label({ share }),
      busy: words.actions.pausing,
      done: text.pause.done({ share }),
    },
    resume: {
      after: before,
      afterNote: undefined,
      danger: false,
      title: text.resume.title({ endpoint }),
      effect: text.resume.effect,
      label: words.actions.resume,
      busy: words.actions.resuming,
      done: text.resume.done({ share }),
    },
    promote: {
      after: all(10_000),
      afterNote: moves(1 - rollout.weightBps / 10_000),
      danger: true,
      title: text.promote.title({ endpoint, release: to }),
      effect: text.promote.effect,
      label: text.promote.label,
      busy: words.actions.promoting,
      done: text.promote.done({ release: to }),
    },
  } as const;
  const shape = shapes[act];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={shape.title}
      effect={shape.effect}
      before={before}
      after={shape.after}
      afterNote={shape.afterNote}
      reason={{ min: act === "promote" ? 10 : 3, placeholder: text.reason }}
      confirmLabel={shape.label}
      busyLabel={shape.busy}
      danger={shape.danger}
      onConfirm={async (reason) => {
        const answer = await call(verbs[act], { project: scope.project, params: { id: rollout.id }, body: { reason } });
        if (!answer.ok) return answer;
        announce(shape.done, { assertive: shape.danger });
        toast({ title: shape.done });
        onMoved();
        return { ok: true };
      }}
    />
  );
}
