"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { DEFAULT_CALLS } from "@/lib/contracts/gateway-config";
import { NumberField } from "./number-field";
import type { QueueDraft } from "./settings-draft";

/** Who waits, and how long, while every backend of a variant is full. */
export function QueueSection({ draft, onChange }: { draft: QueueDraft; onChange: (part: Partial<QueueDraft>) => void }) {
  const text = useWords().serving.queue;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        <NumberField
          label={text.length}
          name="queueLength"
          pointer="/calls/queue/maxLength"
          hint={text.lengthHint}
          value={draft.maxLength}
          bounds={{ min: 0, max: 10_000 }}
          fallback={DEFAULT_CALLS.queue.maxLength}
          onChange={(maxLength) => onChange({ maxLength })}
        />
        <NumberField
          label={text.timeout}
          name="queueTimeoutMs"
          pointer="/calls/queue/timeoutMs"
          hint={text.timeoutHint}
          value={draft.timeoutMs}
          bounds={{ min: 50, max: 600_000 }}
          fallback={DEFAULT_CALLS.queue.timeoutMs}
          onChange={(timeoutMs) => onChange({ timeoutMs })}
        />
      </CardBody>
    </Card>
  );
}
