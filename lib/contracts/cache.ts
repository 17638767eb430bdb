import { z } from "zod";
import { FALLBACK_CLASSES } from "./failure-classes";

/**
 * What a gateway may do with stored answers: `on` gives and stores them, `read_only` gives what is stored, `refresh` asks anew and stores.
 * A request's own header may only narrow what its release permits.
 */
export const CACHE_MODES = ["off", "on", "read_only", "refresh"] as const;
export type CacheMode = (typeof CACHE_MODES)[number];

/** Who is given an answer that was stored for somebody else: everybody at the endpoint, callers with the same key, or the same subject only. */
export const CACHE_SCOPES = ["endpoint", "key", "subject"] as const;

const LONGEST_SECONDS = 2_592_000;

const shape = {
  /** How old an answer may be that is given as if it were new. */
  ttlSeconds: z.int().min(1).max(LONGEST_SECONDS).default(3_600),
  /** Longer answers are not stored. */
  maxEntryBytes: z.int().min(1_024).max(1_048_576).default(262_144),
  scope: z.enum(CACHE_SCOPES).default("endpoint"),
  /** Only requests whose temperature is 0, and embeddings: all others are answered anew each time. */
  deterministicOnly: z.boolean().default(false),
  /** After a failure of one of these classes that no fallback could mend, an answer that is stored stands in. */
  onFailure: z.array(z.enum(FALLBACK_CLASSES)).max(FALLBACK_CLASSES.length).default([]),
  /** How much longer than `ttlSeconds` an answer may be old that stands in after a failure. */
  staleSeconds: z.int().min(0).max(LONGEST_SECONDS).default(0),
};

/** As a release keeps it: a cache that is off is none. */
export const CacheSettings = z.strictObject({ mode: z.enum(CACHE_MODES).exclude(["off"]), ...shape });
export type CacheSettings = z.output<typeof CacheSettings>;

/** As it is asked for. */
export const NewCache = z.strictObject({ mode: z.enum(CACHE_MODES), ...shape });
export type NewCache = z.output<typeof NewCache>;

/** What a gateway is told of it. */
export const GatewayCache = z.strictObject({
  ...CacheSettings.shape,
  /**
   * Hex SHA-256 of everything that decides the release's answers: releases that differ in their cache alone share one, so that a mode or a
   * time can be changed without losing what is stored.
   */
  space: z.string().length(64),
});
export type GatewayCache = z.output<typeof GatewayCache>;
