import { connectDatabase, type Database, provideDatabase } from "@/lib/infra/db";
import { type AnchorSource, provideAnchors } from "./audit";
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
  provideSettings(options.settings);
  return () => database.close();
}

/** PostgreSQL answers. @throws what the driver throws when it does not */
export { pingDatabase } from "@/lib/infra/db";
