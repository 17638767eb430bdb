"use client";

import { Ban, Check, Siren, X } from "lucide-react";
import { useState } from "react";
import { LiveBar } from "@/components/overview/live-bar";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHead, MainAside } from "@/components/ui/card";
import { KeyFacts } from "@/components/ui/key-facts";
import { CheckList } from "@/components/ui/lists";
import { NameTag } from "@/components/ui/name-tag";
import { Note } from "@/components/ui/note";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { StickyActions } from "@/components/ui/safe-controls";
import { StateBadge, StateText } from "@/components/ui/state-badge";
import { useLive } from "@/lib/client/use-api";
import { type Approval, getApproval } from "@/lib/domain/approvals/api";
import { ActDialog, useDecision } from "./act-dialog";
import { approvalLook, approvalStateText, kindText, whyNot } from "./approval-look";
import { ChangeCards, versionText } from "./change-cards";
import { type Act, DecisionCard, targetOf } from "./decision-card";
import { EvidenceCard } from "./evidence-card";
import { readPointerChange } from "./pointer-change";
import { readStartChange } from "./start-change";
import { readVersionChange } from "./version-change";

/** One approval: exactly what would be done, on what evidence, and the decision; drawn from the JSON that the digest is taken over. */
export function ApprovalPage({ scope, initial }: { scope: Scope; initial: Approval }) {
  const words = useWords();
  const { data } = useShell();
  const text = words.approvals;
  const { project } = scope;
  const look = useLive(getApproval, { project, params: { id: initial.id } }, { initial, everyMs: 3_000 });
  const approval = look.data;
  const [read, setRead] = useState(initial.digest);
  const [reason, setReason] = useState("");
  const [act, setAct] = useState<Act | null>(null);
  const refresh = () => void look.refetch();
  const { decide, busy, problem } = useDecision({ scope, approval, digest: read, onDone: refresh });
  const isPending = approval.state === "pending";
  const isLocked = isPending && approval.digest !== read;
  const isYours = isPending && approval.you.decide === null;
  return (
    <Page>
      <LiveBar
        looks={[look]}
        crumbs={[
          { label: data.project.name, href: `/${project}` },
          { label: text.title, href: `/${project}/approvals` },
          { label: text.numbered({ number: approval.number }) },
        ]}
      />
      <PageHeader
        title={isPending ? text.question({ title: approval.title }) : approval.title}
        badge={
          <StateBadge state={isYours ? "waiting_for_you" : approvalLook(approval.state)} size="lg">
            {isYours ? text.stateText.yours : approvalStateText(approval.state, words)}
          </StateBadge>
        }
      >
        {text.askedBy({ name: approval.requestedBy })}, <RelativeTime at={approval.createdAt} />.{" "}
        {approval.endedAt === null ? (
          <>
            {text.expires} <RelativeTime at={approval.expiresAt} />; {text.thenNothing}
          </>
        ) : (
          <>
            {text.ended} <RelativeTime at={approval.endedAt} />.
          </>
        )}
      </PageHeader>
      {isLocked && (
        <Note tone="hold" title={text.changed.title}>
          <p>{text.changed.detail}</p>
          <Button
            size="sm"
            className="mt-2"
            onClick={() => {
              setRead(approval.digest);
              window.scrollTo({ top: 0 });
            }}
          >
            {words.actions.open}
          </Button>
        </Note>
      )}
      <EndNote approval={approval} onReview={() => setAct("review")} />
      {problem}
      <Facts approval={approval} />
      <MainAside
        aside={
          <>
            <DecisionCard
              approval={approval}
              isLocked={isLocked}
              reason={reason}
              onReason={setReason}
              onAct={(which) => decide(which, reason)}
              busy={busy}
            />
            <ChecksCard approval={approval} />
            <PolicyCard approval={approval} />
            {(approval.you.cancel || approval.you.breakGlass) && (
              <Card>
                <CardBody className="flex flex-col gap-2.5 pt-4">
                  {approval.you.cancel && (
                    <Button wide icon={<Ban aria-hidden />} onClick={() => setAct("cancel")}>
                      {text.cancel.label}
                    </Button>
                  )}
                  {approval.you.breakGlass && (
                    <>
                      <Button wide variant="danger-outline" icon={<Siren aria-hidden />} onClick={() => setAct("glass")}>
                        {text.glass.label}
                      </Button>
                      <p className="text-small text-ink-3">{text.glass.sentence}</p>
                    </>
                  )}
                </CardBody>
              </Card>
            )}
          </>
        }
      >
        <Card>
          <CardHead title={text.reasonTitle} />
          <CardBody className="whitespace-pre-wrap">{approval.content.reason}</CardBody>
        </Card>
        <ChangeCards project={project} content={approval.content} />
        <EvidenceCard scope={scope} approval={approval} onChanged={refresh} />
      </MainAside>
      {act !== null && (
        <ActDialog scope={scope} approval={approval} act={act} digest={read} onDone={refresh} onClose={() => setAct(null)} />
      )}
      {isYours && !isLocked && (
        <StickyActions>
          <Button variant="danger-outline" icon={<X aria-hidden />} onClick={() => setAct("reject")}>
            {text.panel.reject}
          </Button>
          <Button
            variant="primary"
            icon={<Check aria-hidden />}
            disabled={whyNot(approval, words) !== null}
            onClick={() => setAct("approve")}
          >
            {text.panel.approve({ target: targetOf(approval, words) })}
          </Button>
        </StickyActions>
      )}
    </Page>
  );
}

/** What became of it, and what must still be looked at. */
function EndNote({ approval, onReview }: { approval: Approval; onReview: () => void }) {
  const words = useWords();
  const text = words.approvals;
  const glass = approval.breakGlass;
  if (glass !== null)
    return (
      <Note tone={glass.reviewedAt === null ? "bad" : "hold"} title={text.glass.by({ name: glass.by })}>
        <p>“{glass.reason}”</p>
        <p>
          {glass.reviewedBy === null
            ? text.glass.toReview
            : `${text.glass.reviewed({ name: glass.reviewedBy })} “${glass.reviewNote ?? ""}”`}
        </p>
        {approval.you.review && (
          <Button size="sm" className="mt-2" icon={<Check aria-hidden />} onClick={onReview}>
            {text.glass.review}
          </Button>
        )}
      </Note>
    );
  const isVoid = approval.state === "void" || approval.you.decide === "changed";
  if (!isVoid) return approval.endReason === null ? null : <Note tone="idle">{approval.endReason}</Note>;
  return (
    <Note tone="hold" title={text.changed.voidTitle}>
      {text.changed.differs}: <code className="wrap-anywhere">{approval.differences.join(", ")}</code>
    </Note>
  );
}

function Facts({ approval }: { approval: Approval }) {
  const words = useWords();
  const { environmentName } = useShell();
  const text = words.approvals.facts;
  const { content } = approval;
  const change = readPointerChange(content);
  const version = readVersionChange(content);
  const start = readStartChange(content);
  const passed = content.checks.filter((check) => check.result === "pass").length;
  return (
    <KeyFacts
      facts={[
        { label: text.what, value: kindText(approval.kind, words) },
        ...(change === null
          ? []
          : [
              {
                label: change.owner,
                value: <NameTag kind="protected">{change.name}</NameTag>,
              },
              { label: text.from, value: versionText(change.from, words) },
              { label: text.to, value: change.to === null ? text.removed : versionText(change.to, words) },
              {
                label: text.wayBack,
                value: change.from === null ? text.noWayBack : text.restore({ version: versionText(change.from, words) }),
              },
            ]),
        ...(version === null
          ? []
          : [
              { label: version.model, value: words.models.version({ number: version.number }) },
              { label: text.from, value: words.states[version.from] },
              { label: text.to, value: words.states[version.to] },
              { label: text.wayBack, value: words.approvals.version.noWayBack },
            ]),
        ...(start === null
          ? []
          : [
              { label: start.endpoint, value: words.experiments.numbered({ number: start.experiment }) },
              { label: text.from, value: words.experiments.stateText.draft },
              { label: text.to, value: words.states.running },
              { label: text.wayBack, value: words.approvals.start.wayBack },
            ]),
        { label: text.where, value: environmentName(approval.environment) },
        {
          label: text.checks,
          value:
            content.checks.length === 0 ? (
              text.noChecks
            ) : (
              <StateText state={passed === content.checks.length ? "pass" : "inconclusive"}>
                {text.passed({ passed, count: content.checks.length })}
              </StateText>
            ),
        },
      ]}
    />
  );
}

const checkLooks = { pass: "pass", fail: "failed", missing: "no_data" } as const;

function ChecksCard({ approval }: { approval: Approval }) {
  const words = useWords();
  const text = words.approvals.checks;
  const { checks } = approval.content;
  return (
    <Card>
      <CardHead
        title={text.title}
        right={checks.length === 0 ? undefined : `${checks.filter((c) => c.result === "pass").length} / ${checks.length}`}
      />
      <CardBody>
        {checks.length === 0 ? (
          <p className="text-ink-2">{text.none}</p>
        ) : (
          <CheckList
            label={text.title}
            items={checks.map((check) => ({
              id: check.name,
              state: checkLooks[check.result],
              title: check.name,
              detail: text[check.source],
              note: text[check.result],
            }))}
          />
        )}
      </CardBody>
    </Card>
  );
}

function PolicyCard({ approval }: { approval: Approval }) {
  const words = useWords();
  const { environmentName } = useShell();
  const text = words.approvals.policy;
  const { policy, contributors } = approval.content;
  return (
    <Card>
      <CardHead title={text.title({ environment: environmentName(approval.environment) })} />
      <CardBody className="flex flex-col gap-2">
        <p className="text-ink-2">{text.text({ count: policy.approvals, role: words.nouns.roles[policy.leastRole] })}</p>
        <p className="text-small text-ink-3">
          {text.contributors}: {contributors.map((person) => `${person.name} (${text.as[person.as]})`).join(", ")}
        </p>
      </CardBody>
    </Card>
  );
}
