"use client";

import { useWords } from "@/components/shell/words-provider";
import { formatMillis } from "@/lib/core/words/format";
import type { RequestDetail } from "@/lib/domain/usage/api";
import { toWaterfall } from "./request-look";

// A plain breakdown: blue and orange keep their meaning of running and new.
const colours = { queue: "var(--v-e)", first: "var(--v-f)", rest: "var(--v-d)" } as const;

/** Queue, time to the first token, the rest, to scale. */
export function WaterfallBar({ request }: { request: RequestDetail }) {
  const words = useWords();
  const text = words.requests.detail;
  const { queueMs, firstMs, restMs, totalMs } = toWaterfall(request);
  const parts = [
    { id: "queue", label: text.queue, ms: queueMs, colour: colours.queue },
    ...(firstMs === null ? [] : [{ id: "first", label: text.first, ms: firstMs, colour: colours.first }]),
    { id: "rest", label: firstMs === null ? text.whole : text.rest, ms: restMs, colour: colours.rest },
  ];
  const sentence =
    request.ttftMs === null
      ? text.waterfallWhole({ queue: formatMillis(queueMs), total: formatMillis(totalMs) })
      : text.waterfall({ queue: formatMillis(queueMs), first: formatMillis(request.ttftMs), total: formatMillis(totalMs) });
  let passedMs = 0;
  return (
    <section aria-label={text.time}>
      <h3 className="mb-2 font-medium">{text.time}</h3>
      <p className="sr-only">{sentence}</p>
      <dl className="flex flex-col gap-2">
        {parts.map((part) => {
          const left = totalMs === 0 ? 0 : (passedMs / totalMs) * 100;
          passedMs += part.ms;
          return (
            <div key={part.id}>
              <div className="flex justify-between gap-3 text-small">
                <dt className="text-ink-3">{part.label}</dt>
                <dd>{formatMillis(part.ms)}</dd>
              </div>
              <div aria-hidden className="relative mt-1 h-2 overflow-hidden rounded-[3px] bg-sunken">
                <span
                  data-bar
                  className="absolute inset-y-0 min-w-[2px]"
                  style={{
                    left: `${Math.min(left, 99.5)}%`,
                    width: `${totalMs === 0 ? 0 : (part.ms / totalMs) * 100}%`,
                    background: part.colour,
                  }}
                />
              </div>
            </div>
          );
        })}
        <div className="flex justify-between gap-3 border-t border-line pt-2">
          <dt className="text-ink-3">{text.total}</dt>
          <dd className="font-[550]">{formatMillis(totalMs)}</dd>
        </div>
      </dl>
    </section>
  );
}
