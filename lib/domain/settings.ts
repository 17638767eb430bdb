import type { ArtifactSettings } from "@/lib/infra/artifacts/source";
import type { Kek } from "@/lib/infra/secrets";

/** What the installation's operator decided, as far as commands need it. */
export interface DomainSettings {
  /** Seals, and opens what it sealed. */
  readonly kek: Kek;
  /** Only open: keys of before or after a rotation. */
  readonly otherKeks?: readonly Kek[] | undefined;
  /** host:port of private addresses that may be called. */
  readonly privateHosts: readonly string[];
  /** Where artifacts may be read; absent where no files are: the process neither registers nor reads any. */
  readonly artifacts?: ArtifactSettings | undefined;
  /** How models are asked; absent where the process has no key for it. */
  readonly modelCalls?: ModelCallSettings | undefined;
}

export interface ModelCallSettings {
  /** Where this process reaches a gateway. */
  readonly gatewayUrl: string;
  /** Ed25519 private key, PEM or its base64. */
  readonly internalKey: string;
}

/** Registered sizes above this are not read, unless the operator says otherwise. */
export const DEFAULT_ARTIFACT_MAX_BYTES = 1024 ** 4;
/** What AWS itself takes where nobody says another. */
export const DEFAULT_S3_REGION = "us-east-1";

/** On the global object, since a bundler may load this module more than once in one process. */
const holder = globalThis as typeof globalThis & { switchyardSettings?: DomainSettings };

export function provideSettings(settings: DomainSettings): void {
  holder.switchyardSettings = settings;
}

/** @throws when the process did not call openDomain at its start */
export function settings(): DomainSettings {
  if (holder.switchyardSettings === undefined) throw new Error("no settings were provided to this process");
  return holder.switchyardSettings;
}

/** Every key that sealed texts are opened with, the one that seals first. */
export function openingKeks(): readonly Kek[] {
  const { kek, otherKeks = [] } = settings();
  return [kek, ...otherKeks];
}

export function artifactSettings(): ArtifactSettings {
  return settings().artifacts ?? { roots: [], maxBytes: DEFAULT_ARTIFACT_MAX_BYTES, s3Endpoint: null, s3Region: DEFAULT_S3_REGION };
}
