/** Where artifacts may lie, and what can be wrong with one. Addresses are only read here; lib/infra/artifacts follows them. */

export type ArtifactPlace =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "s3"; readonly bucket: string; readonly key: string };

/** What a reading found wrong. Each has its words in lib/core/words and stands for one state of ARTIFACT_PROBLEM_STATES. */
export const ARTIFACT_PROBLEMS = [
  "hash_differs",
  "size_differs",
  "not_found",
  "too_large",
  "scheme_unknown",
  "outside_roots",
  "not_a_file",
  "access_denied",
  "address_not_allowed",
  "redirect_refused",
  "encoded",
  "http_status",
  "store_not_set_up",
  "connection_failed",
  "too_slow",
  "deadline",
] as const;
export type ArtifactProblemCode = (typeof ARTIFACT_PROBLEMS)[number];

/** A problem is a mismatch or an absence only where the store itself said so; everything else says nothing about the bytes. */
export function stateOfProblem(code: ArtifactProblemCode): "mismatch" | "absent" | "failed" {
  if (code === "hash_differs" || code === "size_differs") return "mismatch";
  return code === "not_found" ? "absent" : "failed";
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

type Parsed = { readonly place: ArtifactPlace } | { readonly mistake: string };

function parseFile(url: URL): Parsed {
  if (url.host !== "" && url.host !== "localhost") return { mistake: "a file address has no host: write file:///path/to/it" };
  if (url.search !== "" || url.hash !== "") return { mistake: "a file address has no ? and no # part (write them as %3F and %23)" };
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return { mistake: "holds a percent sign that is not followed by two hex digits" };
  }
  if (path.includes("\0") || path.split("/").includes("..")) return { mistake: "may not hold .. or a NUL character" };
  return { place: { kind: "file", path } };
}

function parseS3(uri: string): Parsed {
  // Not through URL: a key may hold what a URL would change.
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(uri) ?? [];
  if (!BUCKET.test(bucket)) return { mistake: "must be s3://bucket/key with a bucket of 3 to 63 characters a-z, 0-9, '.' and '-'" };
  if (key === "") return { mistake: "names a bucket but no object in it: write s3://bucket/key" };
  return { place: { kind: "s3", bucket, key } };
}

/** Reads an artifact's address; a mistake is told so that it can be mended. */
export function parseArtifactUri(uri: string): Parsed {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return { mistake: "must begin with s3://, https://, http:// or file://" };
  if (scheme === "s3") return parseS3(uri);
  if (scheme !== "file" && scheme !== "http" && scheme !== "https")
    return { mistake: `has the scheme ${scheme}://, which is not read here. Use s3://, https://, http:// or file://` };
  if (!URL.canParse(uri)) return { mistake: "cannot be read as an address" };
  const url = new URL(uri);
  return scheme === "file" ? parseFile(url) : { place: { kind: "http", url } };
}

/** Whether a path without `..` lies in one of the folders, by its text alone. */
export function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(folder.endsWith("/") ? folder : `${folder}/`));
}
