"use client";

import type { ReactNode } from "react";
import { useWords } from "@/components/shell/words-provider";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { Figure } from "@/components/ui/figure";
import { StateBadge } from "@/components/ui/state-badge";
import type { StateName } from "@/components/ui/state-look";
import { formatNumber } from "@/lib/core/words/format";
import { GateBullet } from "./gate-bullet";
import type { BulletInput } from "./prepare/bullet";

export type GateRow = {
  id: string;
  name: ReactNode;
  /** Plain name for the picture's sentence. */
  spokenName: string;
  /** `≤ 1.00 %`, `≥ baseline −5.0 pp` */
  limitText: string;
  /** Formatted with unit, or null where there is no value yet. */
  newText: string | null;
  runningText: string | null;
  differenceText: string | null;
  /** Null where no picture can be drawn, such as an approval. */
  bullet: BulletInput | null;
  samples: number | null;
  needed?: number | null;
  /** `pass`, `fail`, `inconclusive`, `no_data` */
  verdict: StateName;
  verdictText?: string;
};

const order: Partial<Record<StateName, number>> = { fail: 0, past_limit: 0, no_data: 1, inconclusive: 2, holding: 2 };

/** Failing gates first, then those short of samples, then those that pass. Cards on a phone. */
export function GateTable({ gates, newName, runningName }: { gates: readonly GateRow[]; newName: string; runningName: string }) {
  const words = useWords();
  const head = words.ui.gateColumns;
  const rows = [...gates].sort((a, b) => (order[a.verdict] ?? 3) - (order[b.verdict] ?? 3));
  const text = (value: string | null) => (value === null ? <span className="text-ink-3">{words.ui.noData}</span> : <Figure text={value} />);
  const columns: Column<GateRow>[] = [
    { id: "gate", head: head.gate, phone: "title", cell: (gate) => <GateName name={gate.name} limit={gate.limitText} /> },
    { id: "new", head: head.new({ name: newName }), align: "right", cell: (gate) => <b>{text(gate.newText)}</b> },
    {
      id: "running",
      head: head.running({ name: runningName }),
      align: "right",
      cell: (gate) => <span className="text-ink-2">{text(gate.runningText)}</span>,
    },
    { id: "difference", head: head.difference, align: "right", phone: "hidden", cell: (gate) => gate.differenceText ?? "–" },
    { id: "picture", head: head.picture, width: "200px", phone: "wide", phoneLabel: "", cell: (gate) => <GatePicture gate={gate} /> },
    { id: "samples", head: head.samples, align: "right", cell: (gate) => <GateSamples gate={gate} /> },
    {
      id: "verdict",
      head: head.verdict,
      phone: "corner",
      cell: (gate) => <StateBadge state={gate.verdict}>{gate.verdictText}</StateBadge>,
    },
  ];
  return <DataTable caption={head.gate} columns={columns} rows={rows} rowKey={(gate) => gate.id} phone="cards" />;
}

function GateName({ name, limit }: { name: ReactNode; limit: string }) {
  return (
    <>
      <span className="font-medium md:whitespace-nowrap">{name}</span>
      <CellNote className="md:whitespace-nowrap">{limit}</CellNote>
    </>
  );
}

function GatePicture({ gate }: { gate: GateRow }) {
  const words = useWords();
  if (!gate.bullet) return null;
  const none = words.ui.noData;
  const label = words.ui.gatePicture({
    name: gate.spokenName,
    value: gate.newText ?? none,
    running: gate.runningText ?? none,
    limit: gate.limitText,
  });
  return <GateBullet {...gate.bullet} label={label} waiting={gate.verdict !== "pass" && gate.verdict !== "fail"} />;
}

function GateSamples({ gate }: { gate: GateRow }) {
  const words = useWords();
  if (gate.samples === null) return <span className="text-ink-3">–</span>;
  const count = formatNumber(gate.samples);
  if (gate.needed == null || gate.samples >= gate.needed) return count;
  return <b>{words.ui.ofNeeded({ count, needed: formatNumber(gate.needed) })}</b>;
}
