import { runVerification } from "@/lib/domain/registry";

export async function verifyArtifactsJob({ verificationId }: { verificationId: string }): Promise<void> {
  await runVerification(verificationId);
}
