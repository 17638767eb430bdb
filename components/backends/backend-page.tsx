"use client";

import { PencilLine, PlugZap } from "lucide-react";
import { useState } from "react";
import { LiveBar } from "@/components/overview/live-bar";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { recentPerMinute, type TrafficData } from "@/components/overview/traffic";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink, TextLink } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { CopyField } from "@/components/ui/copy-field";
import { DataTable } from "@/components/ui/data-table";
import { KeyFacts } from "@/components/ui/key-facts";
import { NameTag } from "@/components/ui/name-tag";
import { Page, PageHeader } from "@/components/ui/page-header";
import { RelativeTime } from "@/components/ui/relative-time";
import { call } from "@/lib/client/call";
import { useLive } from "@/lib/client/use-api";
import { dash, formatNumber } from "@/lib/core/words/format";
import { type Backend, testBackend } from "@/lib/domain/backends/api";
import { getTraffic } from "@/lib/domain/usage/api";
import { ProbeCard, type Probed } from "./probe-card";
import type { Serving } from "./serving";

type Props = { scope: Scope; backend: Backend; serving: readonly Serving[]; recent: TrafficData };

/** One backend: where it is, what a connection finds, what answers from it. */
export function BackendPage({ scope, backend, serving, recent }: Props) {
  const words = useWords();
  const { link } = useShell();
  const text = words.backends;
  const { project, environment } = scope;
  const [probed, setProbed] = useState<Probed | null>(null);
  const [busy, setBusy] = useState(false);
  const may = mayAct(scope, "backend:write");
  const test = async () => {
    setBusy(true);
    const answer = await call(testBackend, { project, params: { name: backend.name }, body: { environment } });
    setBusy(false);
    setProbed({ atMs: Date.now(), answer });
  };
  const { facts } = text;
  return (
    <Page>
      <PageHeader
        title={backend.name}
        badge={backend.isSimulated ? <NameTag kind="simulated" /> : undefined}
        actions={
          <>
            <ButtonLink icon={<PencilLine aria-hidden />} href={link(`/${project}/backends/${backend.name}?edit=1`)}>
              {words.actions.edit}
            </ButtonLink>
            <Button
              variant="primary"
              icon={<PlugZap aria-hidden />}
              busy={busy}
              busyLabel={text.testing}
              disabled={!may}
              title={may ? undefined : words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole("backend:write")] })}
              onClick={() => void test()}
            >
              {text.test}
            </Button>
          </>
        }
      >
        {text.about}
      </PageHeader>
      <KeyFacts
        facts={[
          { label: facts.kind, value: text.kinds[backend.kind] },
          { label: facts.model, value: backend.servedModel ?? <span className="text-ink-3">{text.endpointName}</span> },
          { label: facts.key, value: backend.hasKey ? text.hasKey : <span className="text-ink-3">{text.noKey}</span> },
          { label: facts.revision, value: backend.revision },
          { label: facts.created, value: <RelativeTime at={backend.createdAt} /> },
        ]}
      />
      <Card>
        <CardHead title={text.columns.address} />
        <CardBody>
          <CopyField value={backend.baseUrl} what={text.columns.address} />
        </CardBody>
      </Card>
      <ProbeCard probed={probed} />
      <ServingCard scope={scope} serving={serving} recent={recent} />
    </Page>
  );
}

function ServingCard({ scope, serving, recent }: Pick<Props, "scope" | "serving" | "recent">) {
  const words = useWords();
  const { link } = useShell();
  const { project, environment } = scope;
  const look = useLive(getTraffic, { project, query: { environment, range: "1h", by: "release" } }, { initial: recent, everyMs: 5_000 });
  const rateOf = (each: Serving) => {
    const points = look.data.groups.find((group) => group.endpoint === each.endpoint && group.release === each.release)?.points;
    return points === undefined ? null : recentPerMinute(points);
  };
  return (
    <Card>
      <LiveBar looks={[look]} />
      <CardHead title={words.backends.usedTitle} />
      {serving.length === 0 ? (
        <CardBody className="text-ink-2">{words.backends.usedNone}</CardBody>
      ) : (
        <DataTable
          caption={words.backends.usedTitle}
          rows={serving}
          rowKey={(each) => `${each.endpoint} ${each.release}`}
          columns={[
            {
              id: "release",
              head: words.endpoints.oneRelease,
              cell: (each) => (
                <TextLink href={link(`/${project}/endpoints/${each.endpoint}/releases/${each.release}`)}>
                  {words.backends.release({ endpoint: each.endpoint, release: words.endpoints.release({ number: each.release }) })}
                </TextLink>
              ),
            },
            {
              id: "rate",
              head: words.endpoints.facts.perMinute,
              align: "right",
              cell: (each) => {
                const rate = rateOf(each);
                return rate === null ? dash : formatNumber(rate);
              },
            },
            { id: "shared", head: words.endpoints.facts.backends, align: "right", cell: (each) => each.sharedBy },
          ]}
        />
      )}
    </Card>
  );
}
