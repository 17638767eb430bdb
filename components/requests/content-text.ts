/** One part of a question, as a person reads it. */
export interface QuestionPart {
  /** A message's role, or the name of the field; null for what cannot be told apart. */
  readonly name: string | null;
  readonly text: string;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const toText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** The text of a message: of its parts one below the other where all of them are texts. */
function toMessageText({ content, ...rest }: Record<string, unknown>): string {
  const { role: _, ...others } = rest;
  const more = Object.keys(others).length === 0 ? [] : [toText(others)];
  if (content === undefined || content === null) return more.join("\n");
  const parts = Array.isArray(content)
    ? content.map((part) => (isObject(part) && typeof part.text === "string" ? part.text : toText(part)))
    : [toText(content)];
  return [...parts, ...more].join("\n");
}

/** What was asked, message by message; one part with the text as it is where it was cut and reads as no JSON. */
export function readQuestion(question: string): QuestionPart[] {
  let value: unknown;
  try {
    value = JSON.parse(question);
  } catch {
    return [{ name: null, text: question }];
  }
  if (!isObject(value)) return [{ name: null, text: question }];
  return Object.entries(value).flatMap(([name, field]) => {
    if (name !== "messages" || !Array.isArray(field)) return [{ name, text: toText(field) }];
    return field.map((message) =>
      isObject(message)
        ? { name: typeof message.role === "string" ? message.role : null, text: toMessageText(message) }
        : { name: null, text: toText(message) },
    );
  });
}

export interface TextRun {
  readonly text: string;
  readonly isMask: boolean;
}

/** A text with what was struck out told apart. */
export function splitMasks(text: string): TextRun[] {
  return text
    .split(/(\[(?:email|phone|card|secret|data)\])/)
    .map((run, i) => ({ text: run, isMask: i % 2 === 1 }))
    .filter((run) => run.text !== "");
}
