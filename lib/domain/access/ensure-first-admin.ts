import { HOUR_MS } from "@/lib/core/time";
import { newId } from "@/lib/infra/ids";
import { hashPassword } from "@/lib/infra/password";
import { createKeyText, type Kek, sha256Hex } from "@/lib/infra/secrets";
import { createProjectIn } from "./create-project";
import { countUsers, hasLiveSetupLink, insertSetupLink, insertUser, inTransaction, lockName } from "./store";

export type FirstAdmin =
  | { readonly kind: "present" }
  | { readonly kind: "created"; readonly email: string }
  | { readonly kind: "link"; readonly path: string; readonly expiresAt: Date }
  /** A link is out already and still works; only its hash is kept, so it cannot be shown again. */
  | { readonly kind: "waiting" };

/**
 * There is no default account: with no user yet, the admin comes from the environment, else a one-time link (24 h) is made that the
 * caller prints. `oneLink` makes none while another still works. Safe to call from several processes at once.
 */
export async function ensureFirstAdmin(input: {
  email?: string | undefined;
  password?: string | undefined;
  kek: Kek;
  oneLink?: boolean;
}): Promise<FirstAdmin> {
  const passwordHash = input.password === undefined ? null : await hashPassword(input.password);
  return inTransaction(async (tx) => {
    await lockName(tx, "ensure-first-admin");
    if ((await countUsers(tx)) > 0) return { kind: "present" };
    if (input.email !== undefined && passwordHash !== null) {
      const email = input.email.toLowerCase();
      const user = await insertUser(tx, { id: newId("user"), email, name: "Admin", passwordHash, isOperator: true });
      await createProjectIn(
        tx,
        { slug: "main", name: "Main", environments: ["production", "staging", "dev"], isDemo: false, adminId: user.id },
        { kek: input.kek, actor: { kind: "system", id: "setup", name: "setup" }, requestId: "setup" },
      );
      return { kind: "created", email };
    }
    const now = new Date();
    if (input.oneLink === true && (await hasLiveSetupLink(tx, now))) return { kind: "waiting" };
    const token = createKeyText("");
    const expiresAt = new Date(now.getTime() + 24 * HOUR_MS);
    await insertSetupLink(tx, { tokenHash: sha256Hex(token), expiresAt });
    return { kind: "link", path: `/setup?token=${token}`, expiresAt };
  });
}
