"use client";

import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import { dash, formatBytes, formatChange, minus, space } from "@/lib/core/words/format";
import type { VersionComparison } from "@/lib/domain/registry/api";

type Score = VersionComparison["scores"][number];
type Side = NonNullable<Score["base"]>;

/** `95.1` with the unit; as many digits as the number has, four at most. */
export function scoreText(side: Pick<Side, "value" | "unit"> | null): string {
  if (side === null) return dash;
  const text = String(Number(side.value.toPrecision(4))).replace("-", minus);
  return side.unit === null ? text : `${text}${space}${side.unit}`;
}

type Shown = Pick<VersionComparison, "base" | "other" | "scores" | "sizeBytes">;

const isOneVersion = ({ base, other }: Shown) => base.model === other.model && base.version === other.version;

const nameOf = (side: VersionComparison["base"], other: VersionComparison["base"], version: (p: { number: number }) => string) =>
  side.model === other.model ? version({ number: side.version }) : `${side.model} ${version({ number: side.version })}`;

/** The newest score of each set, beside the parent's or the version's before, and the size beside theirs. */
export function ScoresCard({ comparison }: { comparison: Shown }) {
  const words = useWords();
  const text = words.models.scores;
  const alone = isOneVersion(comparison);
  const baseName = nameOf(comparison.base, comparison.other, words.models.version);
  const otherName = words.models.version({ number: comparison.other.version });
  const { base: sizeBefore, other: size } = comparison.sizeBytes;
  return (
    <Card>
      <CardHead title={text.title} sub={alone ? text.subAlone : text.sub({ version: baseName })} />
      {comparison.scores.length === 0 ? (
        <CardBody className="text-ink-2">{text.none}</CardBody>
      ) : (
        <DataTable
          caption={text.title}
          phone="cards"
          rows={comparison.scores}
          rowKey={(score) => `${score.set} ${score.metric}`}
          columns={[
            {
              id: "set",
              head: text.set,
              phone: "title",
              cell: (score) => (
                <>
                  <span className="font-medium">{score.set}</span>
                  <CellNote>{score.metric}</CellNote>
                </>
              ),
            },
            {
              id: "cases",
              head: text.cases,
              align: "right",
              phone: "hidden",
              cell: (score) => score.other?.cases ?? score.base?.cases ?? dash,
            },
            ...(alone ? [] : [{ id: "base", head: baseName, align: "right" as const, cell: (score: Score) => scoreText(score.base) }]),
            { id: "other", head: otherName, align: "right", cell: (score) => <b className="font-[550]">{scoreText(score.other)}</b> },
            ...(alone
              ? []
              : [
                  {
                    id: "change",
                    head: text.change,
                    align: "right" as const,
                    cell: (score: Score) => changeText(score),
                  },
                  { id: "direction", head: text.direction, cell: (score: Score) => <Direction score={score} /> },
                ]),
            {
              id: "measured",
              head: text.measured,
              phone: "hidden",
              cell: (score) =>
                score.other === null ? (
                  dash
                ) : (
                  <span className="whitespace-nowrap">
                    <RelativeTime at={score.other.measuredAt} />
                  </span>
                ),
            },
          ]}
        />
      )}
      {!alone && (comparison.scores.length > 0 || (size !== null && sizeBefore !== null)) && (
        <CardFoot className="flex-wrap">
          {comparison.scores.length > 0 && <span className="mr-auto">{text.noise}</span>}
          {size !== null && sizeBefore !== null && (
            <span className="whitespace-nowrap">
              {words.models.compare.size}: {formatBytes(sizeBefore)} → {formatBytes(size)} ({formatChange(size / sizeBefore - 1)})
            </span>
          )}
        </CardFoot>
      )}
    </Card>
  );
}

function changeText({ difference, base, other }: Score): string {
  if (difference === null || base === null || other === null) return dash;
  const sign = difference > 0 ? "+" : difference < 0 ? minus : "";
  const text = `${sign}${Number(Math.abs(difference).toPrecision(3))}`;
  return other.unit === null ? text : `${text}${space}${other.unit}`;
}

function Direction({ score }: { score: Score }) {
  const words = useWords();
  const text = words.models.scores;
  if (score.direction === null) return <span className="text-ink-3">{dash}</span>;
  if (score.direction === "equal") return <StateText state="steady">{text.equal}</StateText>;
  return <StateText state={score.direction}>{text[score.direction]}</StateText>;
}
