import { deleteDoneOutbox, deleteOldAnswers, deleteOldAttempts, deleteOldSessions } from "./store";

/** Takes away what nobody needs any more: old idempotency answers, done outbox rows, sign-in counts and ended sessions. */
export async function sweepExpired(): Promise<void> {
  await deleteOldAnswers();
  await deleteDoneOutbox();
  await deleteOldAttempts();
  await deleteOldSessions();
}
