"use client";

import type { z } from "zod";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { Timeline } from "@/components/ui/timeline";
import type { listPromptLabelMoves } from "@/lib/domain/prompts/api";

export type LabelMoves = z.output<(typeof listPromptLabelMoves)["returns"]>;
type Move = LabelMoves["items"][number];

/** Every move of the prompt's labels with who and why. */
export function HistoryCard({ moves }: { moves: LabelMoves }) {
  const words = useWords();
  const text = words.prompts.history;
  const version = (number: number) => words.prompts.version({ number });
  const titleOf = ({ label, from, to }: Move) => {
    if (to === null) return text.removed({ label, from: from === null ? words.ui.none : version(from) });
    return from === null ? text.set({ label, to: version(to) }) : text.moved({ label, from: version(from), to: version(to) });
  };
  return (
    <Card>
      <CardHead title={text.title} sub={text.sub} />
      <CardBody>
        {moves.items.length === 0 ? (
          <p className="text-ink-2">{text.none}</p>
        ) : (
          <Timeline
            label={text.title}
            events={moves.items.map((move) => ({
              id: `${move.label} ${move.revision}`,
              tone: move.to === null ? "idle" : "good",
              title: titleOf(move),
              at: move.recordedAt,
              actor: move.actor,
              reason: move.reason === "" ? undefined : move.reason,
            }))}
          />
        )}
      </CardBody>
    </Card>
  );
}
