"use client";

import { useRouter } from "next/navigation";
import { DialogForm, DialogFrame } from "@/components/access/form-dialog";
import { useDialog } from "@/components/access/use-dialog";
import { approvalLook, approvalStateText } from "@/components/approvals/approval-look";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { TextLink } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { TextAreaField } from "@/components/ui/field";
import { ActionWithHint } from "@/components/ui/safe-controls";
import { StateText } from "@/components/ui/state-badge";
import { type StateRole, stateLook } from "@/components/ui/state-look";
import { Timeline } from "@/components/ui/timeline";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { type ApprovalSummary, requestApproval } from "@/lib/domain/approvals/api";
import {
  changeModelVersionState,
  type ModelVersion,
  nextStates,
  type VersionState,
  type VersionTransition,
} from "@/lib/domain/registry/api";

type Props = {
  scope: Scope;
  version: ModelVersion;
  transitions: readonly VersionTransition[];
  /** Requests that would use this version, newest first. */
  approvals: readonly ApprovalSummary[];
};

const rightFor = (to: VersionState) => (to === "approved" ? "approval:request" : "registry:write");
const mostRequests = 5;
const toneOf = (state: VersionState): StateRole => stateLook[state].role;

/** How the version came to its state, and where it may go from here. The server decides again who may. */
export function StateCard({ scope, version, transitions, approvals }: Props) {
  const words = useWords();
  const { link } = useShell();
  const { open, show } = useDialog();
  const text = words.models.state;
  const next = nextStates(version.state);
  const chosen = next.find((state) => open === `to-${state}`) ?? null;
  const asked = approvals.filter((each) => each.kind === "model-version-approval");
  const isAsked = asked.some((each) => each.endedAt === null);
  const approvalHref = (number: number) => link(`/${scope.project}/approvals/${number}`);
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody>
        <Timeline
          label={text.title}
          events={transitions.map((move) => ({
            id: String(move.revision),
            tone: toneOf(move.to),
            title: move.from === null ? `${words.states[move.to]}, ${text.registered}` : words.states[move.to],
            at: move.at,
            actor: move.by,
            reason: move.from === null ? undefined : move.reason,
            detail:
              move.approval === null ? undefined : (
                <TextLink href={approvalHref(move.approval)}>{text.approval({ number: move.approval })}</TextLink>
              ),
          }))}
        />
      </CardBody>
      {asked.length > 0 && (
        <CardBody className="grid gap-2 border-t border-line pt-3.5">
          <h3 className="text-small font-medium text-ink-3">{text.requests}</h3>
          {asked.slice(0, mostRequests).map((each) => (
            <p key={each.id} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
              <TextLink href={approvalHref(each.number)}>{text.approval({ number: each.number })}</TextLink>
              <StateText state={approvalLook(each.state)}>{approvalStateText(each.state, words)}</StateText>
              {each.endReason !== null && <span className="basis-full text-small text-ink-3">{each.endReason}</span>}
            </p>
          ))}
        </CardBody>
      )}
      {next.length === 0 ? (
        <CardFoot>{text.over}</CardFoot>
      ) : (
        <CardBody className="grid gap-3.5 border-t border-line pt-3.5">
          {next
            .filter((state) => state !== "approved" || !isAsked)
            .map((state) => {
              const right = rightFor(state);
              const isBlocked = state === "approved" && version.blockers.length > 0;
              const refusal = !mayAct(scope, right)
                ? words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole(right)] })
                : isBlocked
                  ? text.blocked
                  : null;
              return (
                <ActionWithHint
                  key={state}
                  size="md"
                  control={{
                    id: state,
                    label: text.move[state],
                    sentence: refusal ?? text.about[state],
                    variant: state === "retired" ? "danger-outline" : "outline",
                    disabled: refusal !== null,
                    onClick: () => show(`to-${state}`),
                  }}
                />
              );
            })}
        </CardBody>
      )}
      {chosen !== null && <MoveDialog scope={scope} version={version} to={chosen} onClose={() => show(null)} />}
    </Card>
  );
}

function MoveDialog({ scope, version, to, onClose }: { scope: Scope; version: ModelVersion; to: VersionState; onClose: () => void }) {
  const words = useWords();
  const router = useRouter();
  const { link } = useShell();
  const toast = useToast();
  const text = words.models.state;
  const name = `${version.model} ${words.models.version({ number: version.number })}`;
  return (
    <DialogFrame title={`${text.move[to]}: ${name}`} about={text.about[to]} onClose={onClose}>
      <DialogForm
        submitLabel={text.move[to]}
        busyLabel={to === "approved" ? text.asking : text.moving}
        onCancel={onClose}
        onSubmit={async (form) => {
          const reason = String(form.get("reason") ?? "");
          if (to === "approved") {
            const subject = { model: version.model, version: version.number };
            const request = await call(requestApproval, {
              project: scope.project,
              body: { kind: "model-version-approval", subject, reason },
            });
            if (!request.ok) return request;
            toast({ title: text.asked({ number: request.data.number }) });
            router.push(link(`/${scope.project}/approvals/${request.data.number}`));
            return request;
          }
          const answer = await call(changeModelVersionState, {
            project: scope.project,
            params: { name: version.model, version: version.number },
            body: { to, reason },
          });
          if (!answer.ok) return answer;
          toast({ title: text.moved({ version: name, state: words.states[to] }) });
          onClose();
          router.refresh();
          return { ok: true };
        }}
      >
        <TextAreaField label={text.reason} name="reason" rows={2} />
      </DialogForm>
    </DialogFrame>
  );
}
