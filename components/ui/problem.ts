import { type Locale, problemTitle, type Words } from "@/lib/core/words";

/** What a form needs of an `application/problem+json` answer (RFC 9457 with `code`, `requestId` and `errors[]`). */
export type ProblemBody = {
  title: string;
  code: string;
  detail?: string;
  requestId?: string;
  errors?: readonly { pointer: string; detail: string }[];
};

export type FormProblem = {
  title: string;
  detail?: string;
  code: string;
  requestId?: string;
  /** Mistakes by JSON pointer, for the fields of the form. */
  fields: Readonly<Record<string, string>>;
  /** Mistakes whose pointer no field has. */
  rest: readonly string[];
};

/**
 * Sorts an answer's mistakes onto the form's fields. A mistake below a field (`/weights/0/value` with a field
 * `/weights/0`) lands on the nearest field above it; what matches none goes to the note on top.
 */
export function toFormProblem(
  body: ProblemBody,
  { pointers, words, locale }: { pointers: readonly string[]; words: Words; locale: Locale },
): FormProblem {
  const fields: Record<string, string> = {};
  const rest: string[] = [];
  for (const { pointer, detail } of body.errors ?? []) {
    const field = nearest(pointer, pointers);
    if (field === undefined) rest.push(pointer ? `${pointer}: ${detail}` : detail);
    else fields[field] = fields[field] ? `${fields[field]} ${sentence(detail)}` : sentence(detail);
  }
  const count = Object.keys(fields).length;
  const title = count > 0 ? words.errors.form({ count }) : (problemTitle(locale, body.code) ?? body.title);
  return { title, detail: count > 0 ? undefined : body.detail, code: body.code, requestId: body.requestId, fields, rest };
}

function nearest(pointer: string, pointers: readonly string[]): string | undefined {
  for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    if (pointers.includes(at)) return at;
    if (!at.startsWith("/")) return undefined;
  }
  return undefined;
}

function sentence(detail: string): string {
  const text = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.?:]$/.test(text) ? text : `${text}.`;
}

/** True for a body that is a problem of our API. */
export function isProblemBody(value: unknown): value is ProblemBody {
  return (
    typeof value === "object" &&
    value !== null &&
    "title" in value &&
    typeof value.title === "string" &&
    "code" in value &&
    typeof value.code === "string"
  );
}
