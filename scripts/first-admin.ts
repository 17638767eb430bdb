/**
 * While there is no user: makes the first admin of SETUP_ADMIN_EMAIL and SETUP_ADMIN_PASSWORD, or a one-time set-up link.
 * Says which on its one line of output; says nothing when there is a user.
 */
import { z } from "zod";
import { ensureFirstAdmin } from "../lib/domain/access";
import { openDomain } from "../lib/domain/process";
import { toKek } from "../lib/infra/secrets";

const empty = (value: unknown) => (value === "" ? undefined : value);
const Settings = z.object({
  DATABASE_URL: z.string().min(1),
  SWITCHYARD_KEK: z.string().min(1),
  WEB_URL: z.url(),
  SETUP_ADMIN_EMAIL: z.preprocess(empty, z.email().optional()),
  SETUP_ADMIN_PASSWORD: z.preprocess(empty, z.string().min(12, "must have at least 12 characters").optional()),
});

async function main(): Promise<void> {
  const settings = Settings.parse(process.env);
  const kek = toKek(settings.SWITCHYARD_KEK);
  const close = openDomain({
    databaseUrl: settings.DATABASE_URL,
    maxConnections: 2,
    anchors: null,
    settings: { kek, privateHosts: [] },
    onError: () => undefined,
  });
  try {
    const admin = await ensureFirstAdmin({ email: settings.SETUP_ADMIN_EMAIL, password: settings.SETUP_ADMIN_PASSWORD, kek });
    if (admin.kind === "created") console.log(`The first admin is ${admin.email}, with the password of SETUP_ADMIN_PASSWORD.`);
    if (admin.kind === "link")
      console.log(`Nobody can sign in yet. This link makes the first admin, once, within 24 hours: ${settings.WEB_URL}${admin.path}`);
  } finally {
    await close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof z.ZodError ? `The first admin cannot be made:\n${z.prettifyError(error)}` : error);
  process.exitCode = 1;
});
