import type { GatewayCache } from "@/lib/contracts/cache";
import type { GatewayCapture } from "@/lib/contracts/content";
import type { Balancing, FallbackClass, GatewayBackend, GatewayBudget, GatewayDirectBackend } from "@/lib/contracts/gateway-config";
import type { PromptKind, PromptVariable } from "@/lib/contracts/prompt";
import type { RateLimits } from "@/lib/contracts/rate-limits";
import type { TokenPrices } from "@/lib/core/money";
import type { Template } from "@/lib/core/template";
import type { OperationName } from "../operations/operation-name";
import type { Layer, SplitArm, SplitRelease, SplitVariant } from "../routing/split";

/** A snapshot made ready for the hot path: indexed, parsed, opened, immutable. Built by build-runtime.ts, swapped by one reference. */
export interface RuntimeConfig {
  readonly epoch: number;
  readonly generation: number;
  readonly compiledAtMs: number;
  /** By lower-case hex SHA-256 of the whole key text. */
  readonly keyByHash: ReadonlyMap<string, RuntimeKey>;
  /** What a call of the control plane itself may name: every endpoint by its id, and every saved backend by its own. */
  readonly internalTargets: ReadonlyMap<string, RuntimeTarget>;
  /** One for each revision and set of time limits that releases call it with. */
  readonly backends: readonly RuntimeBackend[];
  readonly endpointCount: number;
  /** What is degraded although the snapshot serves (a stored key that cannot be opened), for the alarm; empty when all is well. */
  readonly warnings: readonly string[];
}

export interface RuntimeProject {
  readonly id: string;
  readonly slug: string;
  /** Prompts that applications fetch: name → label → version. */
  readonly prompts: ReadonlyMap<string, ReadonlyMap<string, LabelledPrompt>>;
  /** null when it cannot be opened: the project's requests are refused, because subjects could not be recorded. */
  readonly subjectKey: string | null;
}

/** What one gateway key can reach: the endpoints of one environment of one project. */
export interface RuntimeScope {
  readonly project: RuntimeProject;
  readonly environment: string;
  readonly endpoints: ReadonlyMap<string, RuntimeEndpoint>;
}

export interface RuntimeTarget {
  readonly scope: RuntimeScope;
  readonly endpoint: RuntimeEndpoint;
}

export interface RuntimeKey {
  readonly id: string;
  readonly team: string | null;
  /** Unix milliseconds; null never expires. */
  readonly expiresAtMs: number | null;
  readonly limits: RateLimits | null;
  readonly scope: RuntimeScope;
}

export interface RuntimeEndpoint extends Layer<RuntimeArm> {
  readonly id: string;
  readonly name: string;
  readonly team: string | null;
  /** Set where this is no endpoint of anybody's but stands for a backend that is asked by itself. */
  readonly direct: GatewayDirectBackend | null;
  /** Unix seconds, as OpenAI's `created`. */
  readonly createdSeconds: number;
  /** Every variable that a prompt of this endpoint knows: during a rollout a caller may send those of both prompt versions. */
  readonly variableNames: ReadonlySet<string>;
  readonly budgets: readonly GatewayBudget[];
  readonly limits: RateLimits | null;
  /** How often its stored answers were given up. */
  readonly cachePurges: number;
  /** How the content of its requests is kept; null: not at all. */
  readonly capture: GatewayCapture | null;
}

export interface RuntimeArm extends SplitArm<RuntimeVariant, RuntimeRelease> {
  readonly name: string;
  readonly rolloutId: string | null;
  readonly experimentId: string | null;
}

export interface RuntimeRelease extends SplitRelease<RuntimeVariant> {
  readonly number: number;
  readonly maxOutputTokens: number;
  readonly retries: {
    /** Calls of backends for one request, the first included. */
    readonly maxAttempts: number;
    /** Whether a request that a backend took is sent again. */
    readonly repeatsTaken: boolean;
  };
  /** Who waits while every backend of a variant is at its capacity. */
  readonly queue: { readonly maxLength: number; readonly timeoutMs: number };
  /** null: its answers are not stored. */
  readonly cache: RuntimeCache | null;
}

export interface RuntimeCache extends Omit<GatewayCache, "onFailure"> {
  readonly onFailure: ReadonlySet<FallbackClass>;
}

export interface RuntimeVariant extends SplitVariant {
  readonly name: string;
  readonly modelVersionId: string;
  /** Those that can be called, with the release's time limits. */
  readonly backends: readonly RuntimeBackend[];
  readonly balancing: Balancing;
  /** Shares of `weighted`, one a backend in their order. */
  readonly weights: readonly number[];
  /** The next choice among the backends: the one thing here that changes. */
  readonly turns: { next: number };
  /** null: not bounded here. */
  readonly maxInputTokens: number | null;
  /** Who answers instead, in order, each for these classes of failure only. */
  readonly fallbacks: readonly { readonly variantId: string; readonly on: ReadonlySet<FallbackClass> }[];
  /** Those that are configured but cannot be called. */
  readonly unusable: readonly RuntimeBackend[];
  readonly prompt: RuntimePrompt | null;
  /** Request fields fixed over the caller's: the prompt's, then the variant's. */
  readonly fixed: ReadonlyMap<string, FixedField>;
  /** Those of the variant alone, for a call that brings another prompt than the variant's. */
  readonly ownFixed: ReadonlyMap<string, FixedField>;
  readonly model: { readonly name: string; readonly number: number };
  readonly price: RuntimePrice | null;
  /** x-switchyard-* answer headers that never change for this variant, flat name, value, … */
  readonly headers: readonly string[];
}

export interface FixedField {
  readonly value: unknown;
  readonly json: string;
}

export interface RuntimePrice extends TokenPrices {
  readonly id: string;
}

/** A labelled prompt version for applications. */
export interface LabelledPrompt {
  /** The answer and its ETag, made at the first read. @throws AppError not_found where the version is left out of the snapshot */
  read(): { readonly body: Buffer; readonly etag: string };
}

export interface RuntimePrompt {
  readonly versionId: string;
  /** A text prompt has one message, of the role user. */
  readonly kind: PromptKind;
  readonly messages: readonly { readonly role: string; readonly template: Template }[];
  readonly variables: readonly PromptVariable[];
}

export interface RuntimeBackend {
  /** Revision id. */
  readonly id: string;
  readonly backendId: string;
  readonly name: string;
  readonly kind: GatewayBackend["kind"];
  readonly origin: string;
  /** Path of each operation below the origin; null where this kind of server does not speak it. */
  readonly paths: Readonly<Record<OperationName, string | null>>;
  readonly simulated: boolean;
  /** A whole answer is asked of it as a stream: a cancelled whole one it would go on generating, beside other requests' work. */
  readonly asksStreams: boolean;
  /** Path of its health check below the origin. */
  readonly healthPath: string;
  /** Where its metrics are read; null where its kind has none at a usual place. Its key goes to its own origin only. */
  readonly metrics: { readonly origin: string; readonly path: string; readonly allowPrivate: boolean } | null;
  /** Requests at a time, all gateways together; null: not bounded. */
  readonly capacity: number | null;
  readonly servedModel: string | null;
  readonly apiKey: string | null;
  /** Why it cannot be called although it is configured; null when it can. */
  readonly unusable: string | null;
  readonly allowPrivate: boolean;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  /** First byte of a whole answer that is written first. */
  readonly answerTimeoutMs: number;
}
