const MAX_PATHS = 20;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

function* walk(before: unknown, after: unknown, path: string): Generator<string> {
  if (isObject(before) && isObject(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
      yield* walk(before[key], after[key], `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++) yield* walk(before[i], after[i], `${path}/${i}`);
    return;
  }
  if (before !== after) yield path;
}

/** JSON pointers (RFC 6901) of what differs between two JSON values, at most 20. Empty: they are the same. */
export function listDifferences(before: unknown, after: unknown): string[] {
  const paths: string[] = [];
  for (const path of walk(before, after, "")) {
    if (paths.length === MAX_PATHS) break;
    paths.push(path);
  }
  return paths;
}
