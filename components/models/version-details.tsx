"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead, Columns } from "@/components/ui/card";
import { CodeBlock } from "@/components/ui/code-block";
import { DetailList } from "@/components/ui/key-facts";
import { formatNumber } from "@/lib/core/words/format";
import type { ModelVersion } from "@/lib/domain/registry/api";
import { ARCHITECTURE_PARTS } from "./read-version";

export function ArchitectureCard({ version }: { version: ModelVersion }) {
  const words = useWords();
  const text = words.models.architecture;
  const known = ARCHITECTURE_PARTS.filter((part) => version.architecture[part] !== null);
  return (
    <Card>
      <CardHead title={text.title} />
      <CardBody>
        {known.length === 0 ? (
          <p className="text-ink-2">{text.none}</p>
        ) : (
          <DetailList numeric items={known.map((part) => ({ label: text[part], value: formatNumber(version.architecture[part]) }))} />
        )}
      </CardBody>
    </Card>
  );
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2);

export function SignatureCard({ version }: { version: ModelVersion }) {
  const words = useWords();
  const text = words.models.signature;
  if (version.signature === null) return null;
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <CardBody>
        <Columns>
          {(["input", "output"] as const).map((side) => (
            <div key={side}>
              <p className="mb-1.5 text-small text-ink-3">{text[side]}</p>
              <CodeBlock code={pretty(version.signature?.[side])} label={text[side]} wrap />
            </div>
          ))}
        </Columns>
      </CardBody>
    </Card>
  );
}

/** The very answer of the API, for who wants to see everything. */
export function RawCard({ version }: { version: ModelVersion }) {
  const words = useWords();
  const text = words.models.raw;
  return (
    <Card>
      <details>
        <summary className="cursor-pointer px-4 py-[11px] text-[14px]/5 font-semibold">{text.show}</summary>
        <CardBody>
          <CodeBlock code={pretty(version)} label={text.title} wrap />
        </CardBody>
      </details>
    </Card>
  );
}
