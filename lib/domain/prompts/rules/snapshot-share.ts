/**
 * What one project may put into the gateways' snapshot for applications that fetch prompts there: a project that goes beyond its share
 * leaves out its own newest prompts and nobody else's.
 */
export const SNAPSHOT_SHARE = {
  /** Labelled versions; those beyond it are not even named. */
  versions: 1_000,
  /** UTF-8 of messages, variables and parameters as JSON, with what the prompts take in. */
  bytes: 4 * 1024 * 1024,
  /** Of one version. */
  bytesOfOne: 512 * 1024,
} as const;

const toKiB = (bytes: number) => `${Math.ceil(bytes / 1024)} KiB`;

/** Who has room, asked in the order of the sizes: null for each that has, else why not. What does not fit takes no room of later ones. */
export function chooseFitting(sizes: readonly number[]): (string | null)[] {
  let used = 0;
  return sizes.map((bytes) => {
    if (bytes > SNAPSHOT_SHARE.bytesOfOne)
      return `it has ${toKiB(bytes)}; a gateway holds prompts of up to ${toKiB(SNAPSHOT_SHARE.bytesOfOne)}`;
    if (used + bytes > SNAPSHOT_SHARE.bytes)
      return `the labelled prompts of the project have more than ${toKiB(SNAPSHOT_SHARE.bytes)}, and the oldest prompts come first`;
    used += bytes;
    return null;
  });
}
