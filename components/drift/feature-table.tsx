"use client";

import { DriftBar } from "@/components/charts/drift-bar";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardFoot, CardHead } from "@/components/ui/card";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { StateBadge } from "@/components/ui/state-badge";
import { Term } from "@/components/ui/tooltip";
import type { Words } from "@/lib/core/words";
import { dash, formatNumber, formatPercent } from "@/lib/core/words/format";
import type { DriftContent, DriftFeatureResult } from "@/lib/domain/drift/api";
import { psiText, pText, verdictLook } from "./drift-look";

/** The features, most moved first, each against the limits. */
export function FeatureTable({ content }: { content: DriftContent }) {
  const words = useWords();
  const { limits } = content;
  const text = words.drift.report;
  return (
    <Card>
      <CardHead
        title={text.ranked}
        right={
          <>
            <span>{words.ui.watchAt({ value: String(limits.psiWarn) })}</span>
            <span>{words.ui.limitAt({ value: String(limits.psiDrift) })}</span>
          </>
        }
      />
      <DataTable
        caption={text.ranked}
        phone="cards"
        rows={content.features}
        rowKey={(feature) => feature.feature}
        columns={columnsOf(content, words)}
      />
      <CardFoot>{words.drift.facts.correction}</CardFoot>
    </Card>
  );
}

/** Share of requests without a value; null where there were no requests. */
function missingRatio({ n, missing }: DriftFeatureResult["current"]): number | null {
  return n + missing === 0 ? null : missing / (n + missing);
}

function columnsOf({ limits }: DriftContent, words: Words): Column<DriftFeatureResult>[] {
  const text = words.drift.report;
  const head = text.columns;
  return [
    {
      id: "feature",
      head: head.feature,
      phone: "title",
      cell: ({ feature }) => (
        <>
          <span className="font-medium">{words.drift.features[feature]}</span>
          <CellNote>{words.drift.featureAbout[feature]}</CellNote>
        </>
      ),
    },
    {
      id: "psi",
      head: <Term name="psi">{head.psi}</Term>,
      phoneLabel: head.psi,
      align: "right",
      cell: ({ psi, psiChance }) => (
        <>
          <span className="font-semibold">{psiText(psi)}</span>
          {psiChance !== null && <CellNote>{text.chance({ value: psiText(psiChance) })}</CellNote>}
        </>
      ),
    },
    {
      id: "bar",
      head: head.bar,
      phone: "wide",
      phoneLabel: "",
      width: "220px",
      cell: ({ feature, psi }) => (
        <DriftBar
          value={psi}
          watch={limits.psiWarn}
          limit={limits.psiDrift}
          label={text.bar({ feature: words.drift.features[feature], psi: psiText(psi), limit: String(limits.psiDrift) })}
        />
      ),
    },
    {
      id: "test",
      head: <Term name="ks">{head.test}</Term>,
      phoneLabel: head.test,
      align: "right",
      cell: ({ ks }) =>
        ks === null ? (
          dash
        ) : (
          <>
            {text.gap({ value: formatNumber(ks.statistic, { digits: 2 }) })}
            <CellNote>{text.p({ value: pText(ks.pCorrected ?? ks.pValue) })}</CellNote>
          </>
        ),
    },
    {
      id: "missing",
      head: head.missing,
      align: "right",
      cell: ({ reference, current }) => (
        <>
          {formatPercent(missingRatio(current))}
          <CellNote>{text.was({ value: formatPercent(missingRatio(reference)) })}</CellNote>
        </>
      ),
    },
    {
      id: "state",
      head: head.state,
      phone: "corner",
      cell: ({ verdict }) => <StateBadge state={verdictLook[verdict]}>{words.drift.verdicts[verdict]}</StateBadge>,
    },
  ];
}
