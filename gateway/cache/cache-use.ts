import { CACHE_MODES, type CacheMode } from "@/lib/contracts/cache";
import { AppError } from "@/lib/core/errors";

/** What a request may do with stored answers. */
export interface CacheUse {
  readonly reads: boolean;
  readonly stores: boolean;
  /** A stored answer may stand in for one that could not be had. */
  readonly standsIn: boolean;
}

const USES: Readonly<Record<CacheMode, CacheUse>> = {
  off: { reads: false, stores: false, standsIn: false },
  on: { reads: true, stores: true, standsIn: true },
  read_only: { reads: true, stores: false, standsIn: true },
  refresh: { reads: false, stores: true, standsIn: true },
};

/** What the release permits and the request does not decline. Who asks for a refresh wants a new answer, or none. */
export function decideCacheUse(permitted: CacheMode, asked: CacheMode | null): CacheUse {
  const own = USES[permitted];
  if (asked === null) return own;
  const wanted = USES[asked];
  return {
    reads: own.reads && wanted.reads,
    stores: own.stores && wanted.stores,
    standsIn: own.standsIn && wanted.standsIn && asked !== "refresh",
  };
}

const isMode = (text: string): text is CacheMode => CACHE_MODES.some((mode) => mode === text);

/** The request's own wish; null without one. @throws AppError invalid_request */
export function readCacheWish(header: string | string[] | undefined): CacheMode | null {
  if (header === undefined || header === "") return null;
  const wish = String(header).toLowerCase().replace("-", "_");
  if (isMode(wish)) return wish;
  throw new AppError("invalid_request", `X-Switchyard-Cache must be one of ${CACHE_MODES.join(", ")}.`);
}
