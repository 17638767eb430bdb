import { CellNote, type Column } from "@/components/ui/data-table";
import { Figure } from "@/components/ui/figure";
import { NameTag } from "@/components/ui/name-tag";
import { RelativeTime } from "@/components/ui/relative-time";
import { StateText } from "@/components/ui/state-badge";
import type { Words } from "@/lib/core/words";
import { dash, formatMillis, formatMoney } from "@/lib/core/words/format";
import type { RequestLine } from "@/lib/domain/usage/api";
import { outcomeLook, tokensText } from "./request-look";

/** The log as a table; beside an open request it has fewer columns. */
export function requestColumns(words: Words, isNarrow: boolean): Column<RequestLine>[] {
  const head = words.requests.columns;
  const all: (Column<RequestLine> & { wide?: boolean })[] = [
    { id: "at", head: head.at, cell: (request) => <RelativeTime at={request.at} className="whitespace-nowrap" /> },
    {
      id: "endpoint",
      head: head.endpoint,
      cell: (request) => (
        <span className="whitespace-nowrap">
          {request.endpoint ?? request.backend ?? words.requests.direct}
          {request.source !== "application" && (
            <NameTag kind="internal" className="ml-1.5">
              {words.requests.detail.sources[request.source]}
            </NameTag>
          )}
          {request.release !== null && <span className="text-ink-3"> {words.endpoints.release({ number: request.release })}</span>}
        </span>
      ),
    },
    {
      id: "model",
      head: head.model,
      wide: true,
      cell: (request) =>
        request.model === null || request.modelVersion === null ? (
          dash
        ) : (
          <span className="whitespace-nowrap">{words.endpoints.version({ name: request.model, number: request.modelVersion })}</span>
        ),
    },
    {
      id: "outcome",
      head: head.outcome,
      cell: (request) => (
        <>
          <StateText state={outcomeLook(request.outcome)} />
          {(request.cache === "hit" || request.isFallback || request.attempts > 1) && <CellNote>{howText(request, words)}</CellNote>}
          {request.errorCode !== null && <CellNote>{request.errorCode}</CellNote>}
        </>
      ),
    },
    { id: "total", head: head.total, align: "right", cell: (request) => <Figure text={formatMillis(request.totalMs)} /> },
    { id: "firstToken", head: head.firstToken, align: "right", cell: (request) => <Figure text={formatMillis(request.ttftMs)} /> },
    { id: "tokens", head: head.tokens, align: "right", wide: true, cell: (request) => tokensText(request) },
    {
      id: "cost",
      head: head.cost,
      align: "right",
      cell: (request) =>
        request.costUsd === null ? <span className="text-ink-3">{words.requests.noPrice}</span> : formatMoney(request.costUsd),
    },
  ];
  return all.filter((column) => !isNarrow || column.wide !== true);
}

/** What was not plain about the way of a request. */
function howText(request: RequestLine, words: Words): string {
  const text = words.requests.columns;
  const parts = [
    request.cache === "hit" ? text.cached : null,
    request.isFallback ? text.fallback : null,
    request.attempts > 1 ? text.retried({ count: request.attempts }) : null,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}
