import type { z } from "zod";
import { parseLimit } from "@/components/limits/parse-limit";
import type { FallbackClass } from "@/lib/contracts/failure-classes";
import type { Balancing } from "@/lib/contracts/gateway-config";
import type { Backend } from "@/lib/domain/backends/api";
import type { createRelease, Release } from "@/lib/domain/endpoints/api";
import type { Prompt } from "@/lib/domain/prompts/api";
import type { Model } from "@/lib/domain/registry/api";
import { toNumber } from "./serving/settings-draft";

type Body = z.input<(typeof createRelease)["body"]>;
type NewVariant = Body["variants"][number];

/** One step of a variant's fallback chain; the other variant by its draft, so that it may be renamed meanwhile. */
export interface FallbackDraft {
  readonly id: number;
  readonly variantId: number;
  readonly on: readonly FallbackClass[];
}

/** One variant as it stands in the form: texts, so that what was typed is kept. */
export interface VariantDraft {
  readonly id: number;
  readonly name: string;
  /** Percent. */
  readonly weight: string;
  readonly model: string;
  readonly modelVersion: string;
  /** Empty: none. */
  readonly prompt: string;
  /** `3`, or `label:production`. */
  readonly promptVersion: string;
  readonly backends: readonly string[];
  readonly temperature: string;
  readonly maxTokens: string;
  /** What the form does not show of the release it was filled in from. */
  readonly otherParameters: NonNullable<NewVariant["parameters"]>;
  readonly balancing: Balancing;
  /** Of `weighted`, by the backend's name; one that has none weighs 1. */
  readonly backendWeights: Readonly<Record<string, string>>;
  readonly fallbacks: readonly FallbackDraft[];
  readonly maxInputTokens: string;
}

interface Choices {
  readonly models: readonly Model[];
  readonly prompts: readonly Prompt[];
  readonly backends: readonly Backend[];
}

/** A first variant from nothing: the newest of what there is. */
export function newDraft(id: number, { models }: Choices, weight: string): VariantDraft {
  const model = models.find((each) => each.latestVersion !== null);
  return {
    id,
    name: id === 1 ? "main" : `variant-${id}`,
    weight,
    model: model?.name ?? "",
    modelVersion: String(model?.latestVersion ?? ""),
    prompt: "",
    promptVersion: "",
    backends: [],
    temperature: "",
    maxTokens: "",
    otherParameters: {},
    balancing: "round_robin",
    backendWeights: {},
    fallbacks: [],
    maxInputTokens: "",
  };
}

/** The variants of a release as drafts; backends that are gone are left out. */
export function toDrafts(release: Release, { backends }: Choices): VariantDraft[] {
  return release.variants.map((variant, index) => {
    const { temperature, max_tokens: maxTokens, ...otherParameters } = variant.parameters;
    return {
      id: index + 1,
      name: variant.name,
      weight: String(variant.weightBps / 100),
      model: variant.model.name,
      modelVersion: String(variant.model.version),
      prompt: variant.prompt?.name ?? "",
      promptVersion: variant.prompt === null ? "" : String(variant.prompt.version),
      backends: variant.backends.map((backend) => backend.name).filter((name) => backends.some((each) => each.name === name)),
      temperature: temperature === undefined ? "" : String(temperature),
      maxTokens: maxTokens === undefined ? "" : String(maxTokens),
      otherParameters,
      balancing: variant.balancing,
      backendWeights: Object.fromEntries(
        variant.backends.map((backend, place) => [backend.name, String(variant.backendWeights?.[place] ?? "")]),
      ),
      fallbacks: variant.fallbacks.map(({ variant: name, on }, place) => ({
        id: place + 1,
        variantId: release.variants.findIndex((other) => other.name === name) + 1,
        on,
      })),
      maxInputTokens: String(variant.maxInputTokens ?? ""),
    };
  });
}

const bpsOf = (weight: string): number => (weight.trim() === "" ? Number.NaN : Math.round(Number(weight) * 100));

/** Sum of the weights in basis points; NaN while one of them is no number. */
export const sumOfWeights = (drafts: readonly VariantDraft[]): number => drafts.reduce((sum, draft) => sum + bpsOf(draft.weight), 0);

const optional = (text: string): number | undefined => (text.trim() === "" ? undefined : Number(text));

/** What is sent; numbers that cannot be read are sent as they are, so that the server names their field. */
export function toNewVariant(draft: VariantDraft, drafts: readonly VariantDraft[]): NewVariant {
  const label = /^label:(.+)$/.exec(draft.promptVersion)?.[1];
  const prompt =
    draft.prompt === ""
      ? null
      : label === undefined
        ? { name: draft.prompt, version: Number(draft.promptVersion) }
        : { name: draft.prompt, label };
  const temperature = optional(draft.temperature);
  const maxTokens = optional(draft.maxTokens);
  return {
    balancing: draft.balancing,
    maxInputTokens: parseLimit(draft.maxInputTokens),
    ...toServing(draft, drafts),
    name: draft.name.trim(),
    weightBps: bpsOf(draft.weight),
    model: draft.model,
    modelVersion: Number(draft.modelVersion),
    backends: [...draft.backends],
    prompt,
    parameters: {
      ...draft.otherParameters,
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    },
  };
}

function toServing(
  { balancing, backends, backendWeights, fallbacks }: VariantDraft,
  drafts: readonly VariantDraft[],
): Pick<NewVariant, "backendWeights" | "fallbacks"> {
  return {
    backendWeights: balancing === "weighted" ? backends.map((name) => toNumber(backendWeights[name] ?? "") ?? 1) : null,
    fallbacks: fallbacks.map(({ variantId, on }) => ({
      variant: drafts.find((each) => each.id === variantId)?.name.trim() ?? "",
      on: [...on],
    })),
  };
}

/** Without one of the variants, and without what named it as a fallback. */
export const withoutDraft = (drafts: readonly VariantDraft[], id: number): VariantDraft[] =>
  drafts
    .filter((draft) => draft.id !== id)
    .map((draft) => ({ ...draft, fallbacks: draft.fallbacks.filter((step) => step.variantId !== id) }));

/** 1..latest, newest first. */
export const versionNumbers = (latest: number | null): number[] =>
  latest === null ? [] : Array.from({ length: latest }, (_, index) => latest - index);
