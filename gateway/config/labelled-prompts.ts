import type { GatewayLabelledPrompt } from "@/lib/contracts/gateway-config";
import { toFetchedPrompt } from "@/lib/contracts/prompt";
import { toCanonicalJson } from "@/lib/core/canonical";
import { AppError } from "@/lib/core/errors";
import { sha256Hex } from "@/lib/infra/secrets";
import type { LabelledPrompt } from "./runtime-config";

/** A swap of snapshots costs nothing for prompts that nobody reads: an answer is made once, when somebody does. */
function createLabelled({ name, number, content, problem }: GatewayLabelledPrompt, label: string): LabelledPrompt {
  let made: ReturnType<LabelledPrompt["read"]> | null = null;
  return {
    read() {
      if (made !== null) return made;
      if (content === null)
        throw new AppError(
          "not_found",
          `Version ${number} of ${name}, which ${label} names, is not in the gateways' snapshot: ${problem}. The REST API has it.`,
        );
      const prompt = toFetchedPrompt({ name, version: number, label, ...content });
      made = { body: Buffer.from(JSON.stringify(prompt)), etag: sha256Hex(toCanonicalJson(prompt)) };
      return made;
    },
  };
}

/** By project, name and label. */
export function indexLabelledPrompts(prompts: readonly GatewayLabelledPrompt[]): Map<string, Map<string, Map<string, LabelledPrompt>>> {
  const projects = new Map<string, Map<string, Map<string, LabelledPrompt>>>();
  for (const prompt of prompts) {
    const names = projects.get(prompt.projectId) ?? new Map<string, Map<string, LabelledPrompt>>();
    const labels = names.get(prompt.name) ?? new Map<string, LabelledPrompt>();
    for (const label of prompt.labels) labels.set(label, createLabelled(prompt, label));
    projects.set(prompt.projectId, names.set(prompt.name, labels));
  }
  return projects;
}
