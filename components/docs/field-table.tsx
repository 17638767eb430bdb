import type { CSSProperties } from "react";
import type { Words } from "@/lib/core/words";
import type { FieldLine } from "./reference";

type Props = {
  caption: string;
  words: Words;
  lines: readonly (FieldLine & { note?: string })[];
  /** Of an answer every field is there, so nothing is said about it. */
  withRequired?: boolean;
};

/** Fields with their type and limits; what an object holds stands indented below it. */
export function FieldTable({ caption, words, lines, withRequired = true }: Props) {
  if (lines.length === 0) return <p className="px-3 py-2 text-ink-3">{words.docs.noBody}</p>;
  return (
    <section
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls sideways has to be reachable by keyboard
      tabIndex={0}
      className="overflow-x-auto focus-visible:-outline-offset-2"
    >
      <table className="w-full max-md:block">
        <caption className="sr-only">{caption}</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">{words.docs.field}</th>
            <th scope="col">{words.docs.type}</th>
          </tr>
        </thead>
        <tbody className="max-md:block">
          {lines.map((line) => (
            <tr
              key={line.key}
              style={{ "--indent": `${12 + line.depth * 16}px` } as CSSProperties}
              className="align-baseline not-last:border-b not-last:border-line max-md:block max-md:py-[7px]"
            >
              <th
                scope="row"
                className="py-[7px] pr-3 text-left font-mono text-[12px]/5 font-medium whitespace-nowrap max-md:block max-md:py-0 pl-(--indent)"
              >
                {line.name}
                {withRequired && line.required && (
                  <span className="ml-2 font-sans text-micro font-normal text-ink-3">{words.docs.required}</span>
                )}
              </th>
              <td className="w-full px-3 py-[7px] max-md:block max-md:w-auto max-md:py-0 max-md:pl-(--indent)">
                <span className="font-mono text-[12px]/5 text-ink-2 wrap-anywhere">{line.type}</span>
                {line.note !== undefined && <span className="ml-2 text-small text-ink-3">{line.note}</span>}
                {line.rules !== "" && <span className="block text-small text-ink-3 wrap-anywhere">{line.rules}</span>}
                {line.description !== "" && <span className="block max-w-[60ch] text-small text-ink-2">{line.description}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
