import { z } from "zod";
import { Instant, RowNumber } from "@/lib/contracts/page";
import { PointerName } from "@/lib/domain/pointers/api";
import { createPrompt, NewChat, NewText } from "@/lib/domain/prompts/api";
import { addModelVersionScores, createModel, VERSION_STATES } from "@/lib/domain/registry/api";
import { NewVersion } from "@/lib/domain/registry/rules/version-shape";

/** The only format there is; another one needs another version of this command. */
export const FORMAT = 1;
export const FormatFile = z.strictObject({ format: z.literal(FORMAT, `must be ${FORMAT}, the only format that this command reads`) });

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits");
const Targets = z.record(PointerName, RowNumber).default({});

const inFile = {
  number: RowNumber,
  /** Written by export; left out by hand. Where it stands it must be right: it tells that a version was edited. */
  contentHash: Sha256.optional(),
};
export const PromptVersionFile = z.union([NewChat.safeExtend(inFile), NewText.safeExtend(inFile)]);
export type PromptVersionFile = z.output<typeof PromptVersionFile>;

export const PromptFile = z.strictObject({
  description: createPrompt.body.shape.description,
  labels: Targets,
  versions: z.array(PromptVersionFile).default([]),
});
export type PromptFile = z.output<typeof PromptFile>;

const Score = addModelVersionScores.body.shape.scores.element.safeExtend({
  // As the server says it back: one instant is one text, or a score would be added again at each import.
  measuredAt: Instant.transform((text) => new Date(text).toISOString()),
});
export type Score = z.output<typeof Score>;

export const ModelVersionFile = NewVersion.safeExtend({
  number: RowNumber,
  /** As contentHash of a prompt's version. */
  digest: Sha256.optional(),
  state: z.enum(VERSION_STATES).default("draft"),
  scores: z.array(Score).default([]),
});
export type ModelVersionFile = z.output<typeof ModelVersionFile>;

export const ModelFile = z.strictObject({
  description: createModel.body.shape.description,
  tags: createModel.body.shape.tags,
  aliases: Targets,
  versions: z.array(ModelVersionFile).default([]),
});
export type ModelFile = z.output<typeof ModelFile>;
