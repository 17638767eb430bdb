"use client";

import { BadgeCheck } from "lucide-react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-field";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { FormProblemNote } from "@/components/ui/field";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { useLive } from "@/lib/client/use-api";
import { formatBytes } from "@/lib/core/words/format";
import { getModelVersionVerification, type ModelVersion, type Verification, verifyModelVersion } from "@/lib/domain/registry/api";
import { shortDigest } from "./digest";

type Props = { scope: Scope; version: ModelVersion; verification: Verification };
type Check = Verification["artifacts"][number];

const isOpen = (state: Verification["state"]) => state === "queued" || state === "running";

/** Each artifact with what was registered and what a worker found, live while it reads. */
export function ArtifactsCard({ scope, version, verification }: Props) {
  const words = useWords();
  const text = words.models.artifacts;
  const params = { name: version.model, version: version.number };
  const live = useLive(
    getModelVersionVerification,
    { project: scope.project, params },
    { initial: verification, everyMs: isOpen(verification.state) ? 1_000 : 15_000 },
  );
  const { data } = live;
  const verified = data.artifacts.filter((check) => check.state === "verified").length;
  const roles = new Map(version.artifacts.map((artifact) => [artifact.uri, artifact.role]));
  return (
    <Card>
      <CardHead
        title={text.title}
        sub={text.sub}
        right={version.artifacts.length === 0 ? undefined : <OverallState data={data} verified={verified} />}
      />
      {version.artifacts.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <>
          <DataTable
            caption={text.title}
            phone="cards"
            rows={data.artifacts}
            rowKey={(check) => check.uri}
            columns={[
              {
                id: "file",
                head: text.file,
                phone: "title",
                cell: (check) => (
                  <>
                    <code className="wrap-anywhere">{check.uri}</code>
                    <CellNote>{words.models.roles[roles.get(check.uri) ?? "other"]}</CellNote>
                  </>
                ),
              },
              { id: "size", head: text.size, align: "right", phone: "corner", cell: (check) => formatBytes(check.sizeBytes) },
              {
                id: "digest",
                head: text.digest,
                cell: (check) => (
                  <span className="inline-flex items-center gap-1 whitespace-nowrap">
                    <code title={check.sha256}>{shortDigest(check.sha256)}</code>
                    <CopyButton value={check.sha256} what={text.digest} />
                  </span>
                ),
              },
              { id: "check", head: text.check, phone: "wide", cell: (check) => <CheckResult check={check} /> },
            ]}
          />
          <VerifyBar scope={scope} version={version} state={data.state} onAsked={() => live.refetch()} />
        </>
      )}
    </Card>
  );
}

function OverallState({ data, verified }: { data: Verification; verified: number }) {
  const words = useWords();
  const text = words.models.artifacts;
  if (data.state === "running") {
    const share = data.bytesTotal === 0 ? 0 : data.bytesDone / data.bytesTotal;
    return (
      <span className="inline-flex items-center gap-2.5">
        <Bar share={share} label={text.progress({ done: formatBytes(data.bytesDone), total: formatBytes(data.bytesTotal) })} />
        <StateText state="running">{text.progress({ done: formatBytes(data.bytesDone), total: formatBytes(data.bytesTotal) })}</StateText>
      </span>
    );
  }
  if (data.state === "verified")
    return <StateText state="verified">{text.match({ count: verified, total: data.artifacts.length })}</StateText>;
  return <StateText state={data.state} />;
}

function Bar({ share, label }: { share: number; label: string }) {
  return (
    <span
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      className="block h-1.5 w-24 overflow-hidden rounded-full bg-sunken"
    >
      <span className="block h-full bg-active-solid" style={{ width: `${share * 100}%` }} />
    </span>
  );
}

function CheckResult({ check }: { check: Check }) {
  const words = useWords();
  const text = words.models.artifacts;
  return (
    <>
      <span className="inline-flex items-center gap-2.5">
        <StateText state={check.state} />
        {check.state === "running" && (
          <Bar
            share={check.sizeBytes === 0 ? 0 : check.bytesDone / check.sizeBytes}
            label={text.progress({ done: formatBytes(check.bytesDone), total: formatBytes(check.sizeBytes) })}
          />
        )}
      </span>
      {check.state === "verified" && check.endedAt !== null && (
        <CellNote>
          <RelativeTime at={check.endedAt} />
        </CellNote>
      )}
      {check.problem !== null && (
        <CellNote className="max-w-[44ch] text-bad-ink">
          {words.models.problems[check.problem]}
          {check.problem !== "hash_differs" && check.detail !== "" && <span className="block text-ink-3">{check.detail}</span>}
        </CellNote>
      )}
      {check.problem === "hash_differs" && check.actualSha256 !== null && (
        <CellNote>
          {text.found}: <code title={check.actualSha256}>{shortDigest(check.actualSha256)}</code>
        </CellNote>
      )}
    </>
  );
}

function VerifyBar({
  scope,
  version,
  state,
  onAsked,
}: {
  scope: Scope;
  version: ModelVersion;
  state: Verification["state"];
  onAsked: () => void;
}) {
  const words = useWords();
  const toast = useToast();
  const text = words.models.artifacts;
  const { problem, busy, formProps } = useProblemForm(async () => {
    const answer = await call(verifyModelVersion, { project: scope.project, params: { name: version.model, version: version.number } });
    if (!answer.ok) return answer;
    toast({ title: text.asked });
    onAsked();
    return { ok: true };
  });
  const refusal = mayAct(scope, "registry:write")
    ? undefined
    : words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole("registry:write")] });
  return (
    <form {...formProps} className="flex flex-col gap-2.5 border-t border-line px-4 py-3">
      <FormProblemNote problem={problem} />
      <div className="flex flex-wrap items-center gap-2.5">
        <Button
          type="submit"
          size="sm"
          icon={<BadgeCheck aria-hidden />}
          busy={busy}
          busyLabel={text.asking}
          disabled={refusal !== undefined || isOpen(state)}
        >
          {state === "not_verified" ? text.verify : text.verifyAgain}
        </Button>
        {refusal !== undefined && <span className="text-small text-ink-3">{refusal}</span>}
      </div>
    </form>
  );
}
