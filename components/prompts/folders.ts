/** The folders right below `folder` (empty for the top) that names of this page stand in, with how many do. */
export function foldersOf(names: readonly string[], folder: string): { path: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    if (!name.startsWith(folder)) continue;
    const next = name.indexOf("/", folder.length);
    if (next < 0) continue;
    const path = name.slice(0, next + 1);
    counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  return [...counts].map(([path, count]) => ({ path, count })).sort((a, b) => a.path.localeCompare(b.path));
}

/** `a/b/` → `a/`; undefined above the top. */
export function parentFolder(folder: string): string | undefined {
  const at = folder.slice(0, -1).lastIndexOf("/");
  return at < 0 ? undefined : folder.slice(0, at + 1);
}
