import { sweepContents } from "@/lib/domain/contents";
import { sweepExpired } from "@/lib/domain/housekeeping";

export async function sweepExpiredJob(): Promise<void> {
  await sweepExpired();
  await sweepContents();
}
