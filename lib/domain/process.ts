import { connectDatabase, type Database, provideDatabase } from "@/lib/infra/db";
import { provideApprovalKinds } from "./approvals";
import { type AnchorSource, provideAnchors } from "./audit";
import { EXPERIMENT_START_APPROVAL_KIND } from "./experiments";
import { MODEL_ALIAS_APPROVAL_KIND } from "./pointers";
import { PROMPT_LABEL_APPROVAL_KIND } from "./prompts";
import { MODEL_VERSION_APPROVAL_KIND } from "./registry";
import { type DomainSettings, provideSettings } from "./settings";

/** Gives a process what the domain needs, once, at its start; returns what closes it. */
export function openDomain(options: {
  databaseUrl: string;
  maxConnections: number;
  anchors: AnchorSource | null;
  settings: DomainSettings;
  onError: (error: Error) => void;
}): Database["close"] {
  const database = connectDatabase(options.databaseUrl, { max: options.maxConnections, onError: options.onError });
  provideDatabase(database);
  provideAnchors(options.anchors);
  provideApprovalKinds([
    PROMPT_LABEL_APPROVAL_KIND,
    MODEL_ALIAS_APPROVAL_KIND,
    MODEL_VERSION_APPROVAL_KIND,
    EXPERIMENT_START_APPROVAL_KIND,
  ]);
  provideSettings(options.settings);
  return () => database.close();
}

/** PostgreSQL answers. @throws what the driver throws when it does not */
export { pingDatabase } from "@/lib/infra/db";
