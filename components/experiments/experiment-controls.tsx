"use client";

import { Flag, Play, Square, UserCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useAnnounce } from "@/components/shell/announce";
import { useShell } from "@/components/shell/shell-context";
import { useAddressChoice } from "@/components/shell/use-address-choice";
import { useWords } from "@/components/shell/words-provider";
import { Button, TextLink } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { SelectField } from "@/components/ui/field";
import { type Control, SafeControls, StickyActions } from "@/components/ui/safe-controls";
import { useToast } from "@/components/ui/toast";
import { type CallAnswer, call } from "@/lib/client/call";
import type { Words } from "@/lib/core/words";
import { formatNumber } from "@/lib/core/words/format";
import { requestApproval } from "@/lib/domain/approvals/api";
import { concludeExperiment, type Experiment, startExperiment, stopExperiment } from "@/lib/domain/experiments/api";
import { experimentSplit, percentText, steadySplit, treatedShare } from "./experiment-look";

const ACTS = ["ask", "start", "stop", "conclude"] as const;
type Act = (typeof ACTS)[number];
type Decision = NonNullable<Experiment["decision"]>;
const DECISIONS = ["deploy_treatment", "keep_control", "no_decision"] as const satisfies readonly Decision[];

export const icons = {
  ask: <UserCheck aria-hidden />,
  start: <Play aria-hidden />,
  stop: <Square aria-hidden />,
  conclude: <Flag aria-hidden />,
};

type Props = {
  experiment: Experiment;
  scope: Scope;
  /** Of the endpoint, lately; null when nothing was counted. */
  perMinute: number | null;
  onMoved: () => void;
};

/** The open dialog is in the address: `?act=stop`. */
export function useExperimentAct() {
  const { choice, setChoice } = useAddressChoice("act", ACTS);
  return { act: choice, setAct: setChoice };
}

/** Why an act is not possible now; null when it is. */
export function whyNot(act: Act, { experiment, scope, words }: Pick<Props, "experiment" | "scope"> & { words: Words }): string | null {
  const text = words.experiments.controls;
  const right = act === "ask" ? "approval:request" : "experiment:write";
  if (!mayAct(scope, right)) return text.needsRole({ role: words.nouns.roles[neededRole(right)] });
  if (act === "ask" && experiment.approval?.state === "pending") return text.ask.pending({ number: experiment.approval.number });
  if (act === "start" && experiment.busyWith !== null) {
    const { kind, number } = experiment.busyWith;
    return kind === "rollout" ? text.busyRollout({ number }) : text.busyExperiment({ number });
  }
  if (
    (act === "start" || act === "ask") &&
    experiment.state === "draft" &&
    experiment.activeRelease !== experiment.arms.control.release.number
  )
    return text.controlNotActive({
      control: words.endpoints.release({ number: experiment.arms.control.release.number }),
      active: experiment.activeRelease === null ? words.ui.none : words.endpoints.release({ number: experiment.activeRelease }),
    });
  return act === "ask" || experiment.allowed[act] ? null : text.over;
}

/** The acts that the state knows: start a draft or ask for it, stop or conclude what runs, conclude what stopped. */
export function actsOf({ state, needsApproval, approval }: Experiment): readonly Act[] {
  switch (state) {
    case "draft":
      return needsApproval && approval?.state !== "approved" ? ["ask"] : ["start"];
    case "running":
      return ["stop", "conclude"];
    case "stopped":
      return ["conclude"];
    case "concluded":
      return [];
  }
}

/** Each act with what it does, or why it is not possible now. */
export function ExperimentControls({ experiment, scope }: Pick<Props, "experiment" | "scope">) {
  const words = useWords();
  const { setAct } = useExperimentAct();
  const text = words.experiments.controls;
  const release = words.endpoints.release({ number: experiment.arms.control.release.number });
  const { link } = useShell();
  const asked = experiment.approval;
  const sentences: Record<Act, string> = {
    ask: text.ask.sentence,
    start: text.start.sentence({ share: percentText(treatedShare(experiment)) }),
    stop: text.stop.sentence({ release }),
    conclude: experiment.state === "running" ? text.conclude.runningSentence : text.conclude.sentence,
  };
  const acts = actsOf(experiment);
  if (acts.length === 0) return null;
  const controls = acts.map((act): Control => {
    const reason = whyNot(act, { experiment, scope, words });
    return {
      id: act,
      label: text[act].label,
      icon: icons[act],
      variant: act === "stop" ? "danger-outline" : act === "start" || act === "ask" ? "primary" : "outline",
      onClick: () => setAct(act),
      disabled: reason !== null,
      sentence:
        act === "ask" && asked !== null ? (
          <>
            {reason ?? sentences.ask}{" "}
            <TextLink href={link(`/${scope.project}/approvals/${asked.number}`)}>{text.ask.open({ number: asked.number })}</TextLink>
          </>
        ) : (
          (reason ?? sentences[act])
        ),
    };
  });
  return <SafeControls controls={controls} />;
}

/** The same acts at the thumb; each opens its sheet first. The last child of the page. */
export function ExperimentSticky({ experiment, scope }: Pick<Props, "experiment" | "scope">) {
  const words = useWords();
  const { setAct } = useExperimentAct();
  const acts = actsOf(experiment);
  if (acts.length === 0) return null;
  return (
    <StickyActions>
      {acts.map((act) => (
        <Button
          key={act}
          variant={act === "start" || act === "ask" ? "primary" : act === "stop" ? "danger-outline" : "outline"}
          icon={icons[act]}
          disabled={whyNot(act, { experiment, scope, words }) !== null}
          onClick={() => setAct(act)}
        >
          {act === "ask" ? words.experiments.controls.ask.short : words.actions[act]}
        </Button>
      ))}
    </StickyActions>
  );
}

/** The dialog of the act that the address names, where it is possible and allowed. */
export function ExperimentDialog(props: Props) {
  const words = useWords();
  const { act, setAct } = useExperimentAct();
  if (act === null || !actsOf(props.experiment).includes(act) || whyNot(act, { ...props, words }) !== null) return null;
  return <ActDialog key={act} act={act} {...props} onClose={() => setAct(null)} />;
}

function ActDialog({ act, experiment, scope, perMinute, onMoved, onClose }: Props & { act: Act; onClose: () => void }) {
  const words = useWords();
  const router = useRouter();
  const { link } = useShell();
  const toast = useToast();
  const announce = useAnnounce();
  const [decision, setDecision] = useState<Decision>(suggested(experiment.verdict));
  const text = words.experiments.controls;
  const { arms, name, number } = experiment;
  const isRunning = experiment.state === "running";
  const release = words.endpoints.release({ number: arms.control.release.number });
  const split = experimentSplit(experiment, words);
  const steady = steadySplit(arms, words);
  const moved = perMinute === null ? undefined : text.moves({ count: formatNumber(perMinute * treatedShare(experiment)) });
  const isAgainst = act === "conclude" && experiment.verdict !== null && decision !== suggested(experiment.verdict);
  const effects: Record<Act, string> = {
    ask: text.ask.effect,
    start: text.start.effect,
    stop: `${text.stop.effect({ release })}${lacksPlan(experiment) ? ` ${text.stop.early}` : ""}`,
    conclude: isRunning ? text.conclude.runningEffect : text.conclude.effect,
  };
  const busy = { ask: text.ask.busy, start: words.actions.starting, stop: text.stopping, conclude: text.conclude.busy };
  const splits =
    act === "start"
      ? { before: steady, after: split, afterNote: moved }
      : isRunning
        ? { before: split, after: steady, afterNote: moved }
        : {};
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={text[act].title({ name })}
      effect={effects[act]}
      {...splits}
      reason={{ min: 3, placeholder: isAgainst ? text.conclude.against : text.reason }}
      confirmLabel={act === "conclude" ? text.conclude.confirm : text[act].label}
      busyLabel={busy[act]}
      danger={act === "stop"}
      onConfirm={async (reason) => {
        if (act === "ask") {
          const body = { kind: "experiment-start", subject: { experiment: number }, reason };
          const request = await call(requestApproval, { project: scope.project, body });
          if (!request.ok) return request;
          toast({ title: text.ask.done({ number: request.data.number }) });
          router.push(link(`/${scope.project}/approvals/${request.data.number}`));
          return { ok: true };
        }
        const answer = await send(act, { project: scope.project, id: experiment.id, reason, decision });
        if (!answer.ok) return answer;
        const done = text[act].done({ number });
        announce(done);
        toast({ title: done });
        onMoved();
        return { ok: true };
      }}
    >
      {act === "conclude" && (
        <SelectField
          className="mb-3.5"
          label={text.conclude.decision}
          name="decision"
          value={decision}
          onChange={(event) => setDecision(DECISIONS.find((each) => each === event.target.value) ?? "no_decision")}
          hint={isAgainst ? text.conclude.against : undefined}
          options={DECISIONS.map((each) => ({ value: each, label: words.experiments.decisions[each] }))}
        />
      )}
    </ConfirmDialog>
  );
}

/** Whether the plan waits for subjects or time, so that its analysis was not made. */
const lacksPlan = ({ verdict, reasons }: Experiment): boolean =>
  verdict === "keep_running" && reasons.some(({ code }) => code === "subjects_missing" || code === "time_missing");

function suggested(verdict: Experiment["verdict"]): Decision {
  if (verdict === "deploy_treatment" || verdict === "keep_control") return verdict;
  return verdict === "no_meaningful_difference" ? "keep_control" : "no_decision";
}

type Sent = { project: string; id: string; reason: string; decision: Decision };

function send(act: Exclude<Act, "ask">, { project, id, reason, decision }: Sent): Promise<CallAnswer<Experiment>> {
  const at = { project, params: { id } };
  if (act === "start") return call(startExperiment, { ...at, body: { reason } });
  if (act === "stop") return call(stopExperiment, { ...at, body: { reason } });
  return call(concludeExperiment, { ...at, body: { reason, decision } });
}
