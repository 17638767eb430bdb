import type { VersionState } from "@/lib/domain/registry/api";
import type { Kind } from "../files/names";
import type { Place } from "../files/read-yaml";
import type { Score } from "../files/shapes";
import type { RemoteModel, RemotePrompt } from "../remote/read-project";

/** What a protected name or a state asks for before it moves. */
export interface NeededApproval {
  readonly environment: string;
  readonly approvals: number;
  readonly leastRole: "approver" | "admin";
}

interface StepBase {
  /** Unique in its plan, and the same in every plan that does the same. */
  readonly id: string;
  readonly name: string;
  /** Ids of the steps of the plan without which this one cannot be. */
  readonly after: readonly string[];
  /** Ids of steps that come first where the order allows it. */
  readonly preferAfter: readonly string[];
}

/** One call of the REST API. `of` says of what, `name` of which one. */
export type Step = StepBase &
  (
    | { readonly kind: "create"; readonly of: Kind }
    | { readonly kind: "register"; readonly of: Kind; readonly version: number; readonly hash: string }
    | { readonly kind: "score"; readonly of: "model"; readonly version: number; readonly scores: readonly Score[] }
    | {
        readonly kind: "state";
        readonly of: "model";
        readonly version: number;
        readonly from: VersionState;
        readonly to: VersionState;
        readonly approval: NeededApproval | null;
      }
    | {
        readonly kind: "move";
        readonly of: Kind;
        readonly pointer: string;
        readonly from: number | null;
        readonly to: number;
        /** ETag of where it stands; null where it is not there yet. */
        readonly revision: number | null;
        readonly approval: NeededApproval | null;
      }
  );
export type StepOf<K extends Step["kind"]> = Extract<Step, { kind: K }>;

/** Why the directory cannot be imported, and where it says so. */
export interface Conflict extends Place {
  readonly file: string;
  readonly of: Kind;
  readonly name: string;
  readonly detail: string;
}

/** On the server and not in the directory. Nothing is ever deleted. */
export interface OnlyOnServer {
  readonly of: Kind;
  readonly name: string;
  readonly version?: number;
  readonly pointer?: string;
}

export interface Notice {
  readonly of: Kind;
  readonly name: string;
  readonly detail: string;
}

export interface Plan {
  /** In the order in which they are done. */
  readonly steps: readonly Step[];
  readonly conflicts: readonly Conflict[];
  readonly onlyOnServer: readonly OnlyOnServer[];
  readonly notices: readonly Notice[];
  /** Versions that are on both sides alike. */
  readonly sameVersions: number;
}

/** A prompt of the server, as a reference needs to know it. */
export interface PromptOutline {
  readonly latestVersion: number | null;
  readonly labels: ReadonlySet<string>;
}

/** What a plan needs to know of the server. Prompts and models in full are those that the directory names or derives from. */
export interface RemoteProject {
  readonly slug: string;
  readonly outlines: ReadonlyMap<string, PromptOutline>;
  readonly modelNames: ReadonlySet<string>;
  readonly prompts: ReadonlyMap<string, RemotePrompt>;
  readonly models: ReadonlyMap<string, RemoteModel>;
  /** By `scoreKey`; only of versions that have scores in the directory. */
  readonly scores: ReadonlyMap<string, readonly Score[]>;
  /** What a label or alias of this name asks for; null where it may be moved. */
  readonly approvalOf: (pointer: string) => NeededApproval | null;
  /** What a model's version asks for to become approved. */
  readonly approvalOfState: NeededApproval;
}
export const scoreKey = (model: string, version: number): string => `${model}#${version}`;
