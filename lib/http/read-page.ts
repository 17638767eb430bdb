import { notFound } from "next/navigation";
import type { z } from "zod";
import { AppError, type ErrorCode } from "@/lib/core/errors";
import type { Actor } from "@/lib/core/policy/authorize";
import type { Answer, ProjectEndpoint, Query } from "@/lib/domain/command";
import { getPageContext, type PageContext } from "./page-context";
import { parseInput } from "./parse-input";

const DEFAULT_ENVIRONMENT = "production";
/** Codes of an address that names nothing. */
const PAGELESS: ReadonlySet<ErrorCode> = new Set(["not_found", "invalid_request", "invalid_reference"]);

/** What Next gives a page below `[project]`. */
export interface PageProps<Names extends string = never> {
  readonly params: Promise<{ project: string } & Record<Names, string>>;
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export interface PageRequest<Names extends string> extends PageContext {
  /** From `?env=`; the project's default for none or an unknown one. */
  readonly environment: string;
  /** Decoded path parameters. */
  readonly names: Record<Names | "project", string>;
  /** A query parameter that stands once; undefined when it is absent, empty or repeated. */
  readonly one: (name: string) => string | undefined;
}

/** Who looks at what: the project's context, the environment, and what the address says. @throws Next's redirect or not-found */
export async function openPage<Names extends string = never>({ params, searchParams }: PageProps<Names>): Promise<PageRequest<Names>> {
  const [raw, search] = await Promise.all([params, searchParams]);
  const names = Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, decode(String(value))])) as Record<
    Names | "project",
    string
  >;
  const context = await getPageContext(names.project);
  const one = (name: string) => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const { environments } = context.project;
  const fallback = environments.includes(DEFAULT_ENVIRONMENT) ? DEFAULT_ENVIRONMENT : (environments[0] ?? DEFAULT_ENVIRONMENT);
  const wanted = one("env");
  return { ...context, names, one, environment: wanted !== undefined && environments.includes(wanted) ? wanted : fallback };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return notFound();
  }
}

type Raw = { readonly params?: Record<string, unknown>; readonly query?: Record<string, unknown> };

/**
 * Reads for a page through the domain's door, with the same parsing as the REST API; the answer has the ETag that a form sends back.
 * What the address names and nobody has, and an address that cannot be read, is Next's not-found.
 */
export async function readAnswerForPage<E extends ProjectEndpoint>(
  query: Query<E>,
  actor: Actor,
  { params = {}, query: asked = {} }: Raw = {},
): Promise<Answer<z.output<E["returns"]>>> {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  try {
    const input = parseInput(query.endpoint, { params, query: given, body: undefined });
    return await query.run({ ...input, actor, requestId: "page" });
  } catch (error) {
    if (error instanceof AppError && PAGELESS.has(error.code)) notFound();
    throw error;
  }
}

/** For a read that may be refused for a reason that the page shows: the result, or that reason. */
export async function readOrRefusal<E extends ProjectEndpoint>(
  query: Query<E>,
  actor: Actor,
  { code, ...raw }: Raw & { readonly code: ErrorCode },
): Promise<{ readonly result: z.output<E["returns"]>; readonly refusal: null } | { readonly result: null; readonly refusal: string }> {
  try {
    return { result: await readForPage(query, actor, raw), refusal: null };
  } catch (error) {
    if (error instanceof AppError && error.code === code) return { result: null, refusal: error.message };
    throw error;
  }
}

/** The result alone, where no form follows. */
export async function readForPage<E extends ProjectEndpoint>(
  query: Query<E>,
  actor: Actor,
  raw: Raw = {},
): Promise<z.output<E["returns"]>> {
  return (await readAnswerForPage(query, actor, raw)).result;
}
