import { ensureFirstAdmin } from "@/lib/domain/access";
import { EnvironmentError, env } from "@/lib/infra/env";
import { standAtTheDoor } from "./front-door";
import { runtime } from "./runtime";
import { noteVisitorAddresses } from "./visitor-address";

const TRY_AGAIN_MS = 5_000;

/** Says once how the first person gets in. Demo people come from the demo's seed, so there it stays silent. */
async function announceFirstAdmin(): Promise<void> {
  const settings = env("web");
  const { logger, kek } = runtime();
  if (settings.SWITCHYARD_DEMO) return;
  try {
    const admin = await ensureFirstAdmin({
      email: settings.SETUP_ADMIN_EMAIL,
      password: settings.SETUP_ADMIN_PASSWORD,
      kek,
      oneLink: true,
    });
    if (admin.kind === "created") logger.info({ email: admin.email }, "the first admin was made from SETUP_ADMIN_EMAIL");
    if (admin.kind === "waiting")
      logger.warn("nobody can sign in yet: use the set-up link that was printed, or make another: npm run first-admin");
    if (admin.kind === "link")
      logger.warn(
        { link: `${settings.WEB_URL}${admin.path}`, expiresAt: admin.expiresAt },
        "nobody can sign in yet: this link makes the first admin, once",
      );
  } catch (error) {
    logger.warn({ err: error }, "the first admin could not be looked for; trying again");
    setTimeout(() => void announceFirstAdmin(), TRY_AGAIN_MS).unref();
  }
}

/** The start of the web process: its environment is checked whole before it takes a request. */
export function startWeb(): void {
  noteVisitorAddresses();
  try {
    runtime();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
  standAtTheDoor();
  void announceFirstAdmin();
}
