import type { RequestLine } from "@/lib/domain/usage/api";

/** Requests of each arm that the page of an experiment shows. */
export const REQUESTS_SHOWN = 10;

/** By the arm's key. */
export type ArmRequests = Readonly<Record<string, { items: RequestLine[]; nextCursor: string | null }>>;
