import type { FeedbackEntry } from "@/lib/contracts/feedback";

/** Where feedback goes. */
export interface FeedbackSink {
  /** Returns when Redis has it. @throws AppError unavailable: it was not taken, or nobody can tell */
  send(entry: FeedbackEntry): Promise<void>;
}
