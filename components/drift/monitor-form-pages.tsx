"use client";

import { useRouter } from "next/navigation";
import type { Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { changeDriftMonitor, createDriftMonitor, type DriftMonitor, type DriftSettings } from "@/lib/domain/drift/api";
import { MonitorForm } from "./monitor-form";

const FRESH: DriftSettings & { name: string } = {
  name: "",
  features: ["prompt_chars", "answer_chars", "ttft_ms", "total_ms"],
  reference: { kind: "trailing", lengthMinutes: 10_080, gapMinutes: 0 },
  currentMinutes: 1_440,
  everyMinutes: 1_440,
  limits: { psiWarn: 0.1, psiDrift: 0.25, ksAlpha: 0.01, ksMinDistance: 0.1 },
  minSamples: 200,
  outcomes: "complete",
  release: null,
};

type NewProps = { scope: Scope; endpoints: readonly string[]; endpoint: string | undefined };

export function NewMonitorPage({ scope, endpoints, endpoint }: NewProps) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.drift.form;
  const base = `/${scope.project}/drift`;
  const only = endpoints.length === 1 ? endpoints[0] : undefined;
  return (
    <Page>
      <PageHeader title={text.title}>{text.about}</PageHeader>
      <MonitorForm
        scope={scope}
        initial={FRESH}
        endpoints={endpoints}
        endpoint={endpoints.find((name) => name === endpoint) ?? only}
        submit={text.submit}
        cancelHref={link(base)}
        onSend={async (body, chosen) => {
          const answer = await call(createDriftMonitor, {
            project: scope.project,
            body: { ...body, features: [...body.features], environment: scope.environment, endpoint: chosen },
          });
          if (!answer.ok) return answer;
          toast({ title: text.created({ name: answer.data.name }) });
          router.push(link(`${base}/${answer.data.id}`));
          router.refresh();
          return { ok: true };
        }}
      />
    </Page>
  );
}

/** Changes a monitor with the ETag of what was read, so that nobody's change is lost. */
export function EditMonitorPage({ scope, monitor, etag }: { scope: Scope; monitor: DriftMonitor; etag: string | null }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.drift.form;
  const href = link(`/${scope.project}/drift/${monitor.id}`);
  return (
    <Page>
      <PageHeader title={text.editTitle({ name: monitor.name })}>{text.about}</PageHeader>
      <MonitorForm
        scope={scope}
        initial={monitor}
        endpoints={null}
        submit={text.save}
        cancelHref={href}
        onSend={async (body) => {
          const answer = await call(changeDriftMonitor, {
            project: scope.project,
            params: { id: monitor.id },
            body: { ...body, features: [...body.features] },
            ifMatch: etag ?? undefined,
          });
          if (!answer.ok) return answer;
          toast({ title: text.saved({ name: answer.data.name }), detail: text.savedDetail });
          router.push(href);
          router.refresh();
          return { ok: true };
        }}
      />
    </Page>
  );
}
