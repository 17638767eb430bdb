/** A process that runs one verification, so that a test can kill it. What it needs stands in VERIFY. */
import { randomBytes } from "node:crypto";
import { openDomain } from "@/lib/domain/process";
import { toKek } from "@/lib/infra/secrets";
import { runVerification } from "..";

interface Settings {
  readonly databaseUrl: string;
  readonly privateHosts: readonly string[];
  readonly roots: readonly string[];
  readonly verificationId: string;
}

const settings = JSON.parse(process.env.VERIFY ?? "{}") as Settings;
const close = openDomain({
  databaseUrl: settings.databaseUrl,
  maxConnections: 4,
  anchors: null,
  settings: {
    kek: toKek(randomBytes(32).toString("base64")),
    privateHosts: settings.privateHosts,
    artifacts: { roots: settings.roots, maxBytes: 1_000_000_000, s3Endpoint: null, s3Region: "us-east-1" },
  },
  onError: () => {},
});
await runVerification(settings.verificationId);
await close();
