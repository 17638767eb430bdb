"use client";

import { FastForward, GitBranch, Pause, Undo2 } from "lucide-react";
import { useState } from "react";
import { useAnnounce } from "@/components/shell/announce";
import { PaletteList } from "@/components/shell/palette";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import {
  CheckboxField,
  FormProblemNote,
  FormProblemProvider,
  SelectField,
  SwitchField,
  TextAreaField,
  TextField,
} from "@/components/ui/field";
import { SafeControls, StickyActions } from "@/components/ui/safe-controls";
import type { SplitPart } from "@/components/ui/split-bar";
import { ErrorState } from "@/components/ui/states";
import { ToastFrame, useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";

const now: SplitPart[] = [
  { name: "r41", share: 0.752, tone: "control" },
  { name: "r42", share: 0.248, tone: "treatment" },
];
const after: SplitPart[] = [{ name: "r41", share: 1, tone: "control" }];

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function ButtonsCard() {
  const [busy, setBusy] = useState(false);
  const toast = useToast();
  return (
    <Card>
      <CardHead title="Buttons" sub="one primary a page" />
      <CardBody>
        <div className="flex flex-wrap gap-2.5">
          <Button
            variant="primary"
            icon={<GitBranch aria-hidden />}
            onClick={() =>
              toast({ title: "Paused at 25 %.", detail: "All 6 gateways confirmed in 1.8 s.", action: { label: "Resume", href: "#" } })
            }
          >
            New rollout
          </Button>
          <Button
            icon={<Pause aria-hidden />}
            onClick={() =>
              toast({ tone: "bad", title: "Not promoted: the approval is no longer valid.", detail: "r42 changed after it was approved." })
            }
          >
            Pause
          </Button>
          <Button variant="danger-outline" icon={<Undo2 aria-hidden />}>
            Roll back
          </Button>
          <Button variant="danger" icon={<Undo2 aria-hidden />}>
            Roll back now
          </Button>
          <Button variant="ghost">Cancel</Button>
          <Button disabled icon={<FastForward aria-hidden />} aria-describedby="why-disabled">
            Go to 50 %
          </Button>
          <Button size="sm">Open</Button>
          <Button
            variant="primary"
            busy={busy}
            busyLabel="Starting"
            onClick={() => {
              setBusy(true);
              void wait(2000).then(() => setBusy(false));
            }}
          >
            Start
          </Button>
          <Button variant="primary" busy busyLabel="Starting">
            Start
          </Button>
        </div>
        <p id="why-disabled" className="mt-2.5 text-small text-ink-3">
          A disabled button always has a sentence beside it that says when it opens.
        </p>
      </CardBody>
    </Card>
  );
}

export function FormCard() {
  const { problem, busy, formProps } = useProblemForm(async () => {
    await wait(300);
    return {
      ok: false,
      problem: {
        title: "The request is not valid",
        code: "invalid_weights",
        requestId: "req_01JD9K2M",
        errors: [
          { pointer: "/weights/0", detail: "Weights add up to 105 %. They must add up to 100 %." },
          { pointer: "/weights/1", detail: "Try 20." },
        ],
      },
    };
  });
  return (
    <Card>
      <CardHead title="Form with a refused field" sub="problem+json pointers land on their field" />
      <CardBody>
        <form {...formProps} className="flex flex-col gap-3.5">
          <FormProblemNote problem={problem} />
          <FormProblemProvider problem={problem}>
            <div className="grid gap-3.5 md:grid-cols-2">
              <TextField label="Weight of r41, %" name="weight41" pointer="/weights/0" defaultValue="80" inputMode="decimal" />
              <TextField label="Weight of r42, %" name="weight42" pointer="/weights/1" defaultValue="25" inputMode="decimal" />
            </div>
            <TextField label="Time-out, seconds" name="timeout" defaultValue="30" hint="Now 30. 99 % of answers finish in 8.4 s." />
            <SelectField
              label="Strategy"
              name="strategy"
              options={[
                { value: "canary", label: "Canary 10, 25, 50, 100 %" },
                { value: "immediate", label: "Immediate" },
              ]}
            />
            <TextAreaField label="Note" name="note" optional />
            <CheckboxField label="Send shadow traffic first" name="shadow" />
            <SwitchField label="Roll back by itself" hint="when any gate fails twice in a row" name="auto" defaultChecked />
            <div>
              <Button type="submit" variant="primary" busy={busy} busyLabel="Creating">
                Create release
              </Button>
            </div>
          </FormProblemProvider>
        </form>
      </CardBody>
    </Card>
  );
}

export function ToastsCard() {
  return (
    <Card>
      <CardHead title="Toasts" sub="errors stay until closed" />
      <CardBody className="flex flex-col gap-2.5">
        <ToastFrame tone="good" title="Paused at 25 %." detail="All 6 gateways confirmed in 1.8 s.">
          <a className="link" href="#main">
            Resume
          </a>
        </ToastFrame>
        <ToastFrame tone="bad" title="Not promoted: the approval is no longer valid." detail="r42 changed after it was approved." />
        <ToastFrame tone="hold" title="Live updates stopped 24 s ago." detail="Numbers are from 14:31:46. Trying again in 5 s." />
      </CardBody>
    </Card>
  );
}

export function RollbackControls({ startOpen = false }: { startOpen?: boolean }) {
  const [open, setOpen] = useState(startOpen);
  const toast = useToast();
  const announce = useAnnounce();
  return (
    <>
      <SafeControls
        controls={[
          {
            id: "rollback",
            label: "Roll back to r41",
            variant: "danger-outline",
            icon: <Undo2 aria-hidden />,
            onClick: () => setOpen(true),
            sentence:
              "All traffic goes back to r41 in about 5 s. About 300 requests /min change release; answers already streaming finish.",
          },
          {
            id: "pause",
            label: "Pause at 25 %",
            icon: <Pause aria-hidden />,
            sentence: "The split stays 75 / 25. Automatic rollback keeps watching.",
          },
          {
            id: "next",
            label: "Go to 50 %",
            icon: <FastForward aria-hidden />,
            disabled: true,
            sentence: "Opens when 2 more gates have enough samples, about 15:11.",
          },
        ]}
      />
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Roll back support-chat to r41?"
        effect="Live traffic changes within about 5 s, for everyone."
        before={now}
        after={after}
        afterNote="About 300 requests /min move; streams in flight finish."
        reason={{ min: 10 }}
        confirmLabel="Roll back to r41"
        busyLabel="Rolling back"
        icon={<Undo2 aria-hidden />}
        danger
        onConfirm={async (reason) => {
          await wait(800);
          if (reason.includes("refuse"))
            return {
              ok: false,
              problem: {
                title: "The object's state does not allow this",
                code: "state_conflict",
                detail: "The rollout is already rolled back.",
                requestId: "req_01JD9K7Q",
              },
            };
          announce("Rolled back to r41", { assertive: true });
          toast({ title: "Rolled back to r41.", detail: "All 6 gateways confirmed in 1.8 s." });
          return { ok: true };
        }}
      />
    </>
  );
}

export function PaletteCard() {
  return (
    <Card>
      <CardHead title="Command palette" sub="Ctrl K" />
      <CardBody>
        <div className="overflow-hidden rounded-dialog border border-line bg-raised shadow-dialog">
          <PaletteList close={() => undefined} />
        </div>
      </CardBody>
    </Card>
  );
}

export function RetryError() {
  const [count, setCount] = useState(0);
  return (
    <ErrorState
      title="Rollouts could not be read"
      code="unavailable"
      requestId={`req_01JD9K7Q${count || ""}`}
      onRetry={() => setCount(count + 1)}
    >
      The database did not answer within 5 s. Live traffic is not affected: gateways serve generation 18,204.
    </ErrorState>
  );
}

export function PhoneBar() {
  return (
    <StickyActions>
      <Button icon={<Pause aria-hidden />}>Pause</Button>
      <Button variant="danger" icon={<Undo2 aria-hidden />}>
        Roll back
      </Button>
    </StickyActions>
  );
}
