import type { DiffSection } from "@/components/ui/diff-view";
import type { VersionComparison } from "@/lib/domain/registry/api";

type Field = VersionComparison["fields"][number];

/** A value as lines: texts as they are, lists one item a line, objects one field a line without those that are null. */
export function toLines(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => (typeof item === "string" ? item : JSON.stringify(item))).join("\n");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .filter(([, part]) => part !== null)
    .map(([name, part]) => `${name}: ${typeof part === "object" ? JSON.stringify(part, null, 2) : String(part)}`)
    .join("\n");
}

export function toFieldSections(fields: readonly Field[], names: Readonly<Record<Field["field"], string>>): DiffSection[] {
  return fields.map(({ field, base, other }) => ({ title: names[field], before: toLines(base), after: toLines(other), numbered: false }));
}
