import { pingDatabase } from "@/lib/domain/process";
import { runtime } from "./runtime";

export async function isReady(): Promise<boolean> {
  try {
    const { logger } = runtime();
    try {
      await pingDatabase();
      return true;
    } catch (error) {
      logger.warn({ err: error }, "PostgreSQL does not answer");
      return false;
    }
  } catch {
    return false;
  }
}
