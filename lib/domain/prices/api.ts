import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, Name, PageQuery, pageOf } from "@/lib/contracts/page";

/** Exact decimal USD, at most 18 places, no exponent. */
const Usd = z.string().regex(/^(0|[1-9]\d{0,11})(\.\d{1,18})?$/, "must be a decimal such as 0.59, with at most 18 places");

export const Price = z.strictObject({
  id: z.string(),
  model: z.string(),
  inputUsd: z.string(),
  outputUsd: z.string(),
  perTokens: z.int(),
  validFrom: Instant,
});
export type Price = z.infer<typeof Price>;

export const listPrices = endpoint({
  id: "listPrices",
  method: "GET",
  path: "/prices",
  tag: "Prices",
  summary: "The price book, newest first",
  access: "budget:read",
  query: z.strictObject({ ...PageQuery.shape, model: z.string().max(100).optional() }),
  returns: pageOf(Price),
});
export const createPrice = endpoint({
  id: "createPrice",
  method: "POST",
  path: "/prices",
  tag: "Prices",
  summary: "Set a model's price from an instant on",
  description: "Prices are exact decimals in USD. The newest one that has begun is valid; earlier ones stay in the book.",
  access: "price:write",
  body: z.strictObject({
    model: Name,
    inputUsd: Usd,
    outputUsd: Usd,
    perTokens: z.int().positive().max(1_000_000_000).default(1_000_000),
    /** Now, when left out. */
    validFrom: Instant.optional(),
  }),
  returns: Price,
  status: 201,
  errors: ["invalid_reference", "already_exists"],
});

export const PRICE_ENDPOINTS = [listPrices, createPrice] as const;
