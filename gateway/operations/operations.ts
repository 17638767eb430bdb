import { chat } from "./chat";
import { completion } from "./completion";
import { embedding } from "./embedding";
import { inference, isInferencePath } from "./inference";
import type { Operation } from "./operation";

const BY_PATH: ReadonlyMap<string, Operation> = new Map([chat, completion, embedding].map((operation) => [operation.api, operation]));

/** What is asked for at a path; null when nothing is. */
export function findOperation(path: string): Operation | null {
  return BY_PATH.get(path) ?? (isInferencePath(path) ? inference : null);
}
