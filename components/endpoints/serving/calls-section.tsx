"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { NumberField } from "./number-field";
import { CALL_FIELDS, type CallField, type CallsDraft, callDefault, toNumber } from "./settings-draft";

/** As CallSettings bounds them. */
const BOUNDS: Record<CallField, { min: number; max: number }> = {
  connectTimeoutMs: { min: 50, max: 30_000 },
  firstByteTimeoutMs: { min: 50, max: 3_600_000 },
  answerTimeoutMs: { min: 50, max: 7_200_000 },
  idleTimeoutMs: { min: 50, max: 3_600_000 },
  totalTimeoutMs: { min: 100, max: 7_200_000 },
  maxAttempts: { min: 1, max: 5 },
};

/** How long backends are waited for, and how often one request is sent. */
export function CallsSection({ draft, onChange }: { draft: CallsDraft; onChange: (part: Partial<CallsDraft>) => void }) {
  const text = useWords().serving.calls;
  const asked = toNumber(draft.totalTimeoutMs);
  const total = asked !== undefined && Number.isFinite(asked) ? asked : undefined;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <CardBody className="grid gap-3.5 md:grid-cols-2">
        {CALL_FIELDS.map((name) => (
          <NumberField
            key={name}
            label={name === "maxAttempts" ? text.fields[name] : text.inMs({ field: text.fields[name] })}
            name={name}
            pointer={`/calls/${name}`}
            hint={text.hints[name]}
            value={draft[name]}
            bounds={BOUNDS[name]}
            fallback={callDefault(name, total)}
            onChange={(value) => onChange({ [name]: value })}
          />
        ))}
      </CardBody>
    </Card>
  );
}
