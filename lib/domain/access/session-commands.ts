import type { z } from "zod";
import { AppError } from "@/lib/core/errors";
import { newId } from "@/lib/infra/ids";
import { hashPassword } from "@/lib/infra/password";
import { type Kek, sha256Hex } from "@/lib/infra/secrets";
import type { completeSetup as completeSetupSpec, createProject as createProjectSpec, Project } from "./api";
import type { Person } from "./authenticate";
import { createProjectIn } from "./create-project";
import { listProjectsOf } from "./queries";
import { countUsers, insertUser, inTransaction, isLiveSetupLink, lockName, uniqueViolation, useSetupLink } from "./store";

const DEFAULT_ENVIRONMENTS = ["production", "staging", "dev"] as const;

export async function listProjects(person: Person) {
  return { items: await listProjectsOf(person.userId), nextCursor: null };
}

export async function createProject(
  person: Person,
  body: z.output<(typeof createProjectSpec)["body"]>,
  context: { kek: Kek; requestId: string },
): Promise<Project> {
  if (!person.isOperator) throw new AppError("forbidden", "Only an operator of this installation creates projects.");
  try {
    const row = await inTransaction((tx) =>
      createProjectIn(
        tx,
        { slug: body.slug, name: body.name, environments: [...new Set(body.environments)], isDemo: false, adminId: person.userId },
        { kek: context.kek, actor: { kind: "user", id: person.userId, name: person.name }, requestId: context.requestId },
      ),
    );
    return {
      id: row.id,
      slug: row.slug,
      name: row.name,
      isDemo: row.isDemo,
      role: "admin",
      environments: row.environments.map((e) => e.name),
      createdAt: row.createdAt.toISOString(),
    };
  } catch (error) {
    if (uniqueViolation(error) === null) throw error;
    throw new AppError("already_exists", `A project with the slug ${body.slug} exists already.`, {
      errors: [{ pointer: "/slug", detail: "is taken" }],
    });
  }
}

/** Makes the first admin with the one-time link. @throws AppError token_expired, state_conflict when there is an admin already */
export async function completeSetup(body: z.output<(typeof completeSetupSpec)["body"]>, context: { kek: Kek; requestId: string }) {
  const isSetUp = () => new AppError("state_conflict", "This installation has been set up already. Sign in instead.");
  const isUsed = () =>
    new AppError(
      "token_expired",
      "The set-up link is used or expired. Whoever runs this installation makes a new one with: npm run first-admin.",
    );
  // Anybody may call this: whoever has no link must not make the server hash passwords.
  if ((await countUsers()) > 0) throw isSetUp();
  if (!(await isLiveSetupLink(sha256Hex(body.token), new Date()))) throw isUsed();
  const passwordHash = await hashPassword(body.password);
  return inTransaction(async (tx) => {
    // Two links may be out at once; only one of them makes the first admin.
    await lockName(tx, "ensure-first-admin");
    if ((await countUsers(tx)) > 0) throw isSetUp();
    if (!(await useSetupLink(tx, sha256Hex(body.token), new Date()))) throw isUsed();
    const user = await insertUser(tx, { id: newId("user"), email: body.email, name: body.name, passwordHash, isOperator: true });
    const project = await createProjectIn(
      tx,
      { ...body.project, environments: DEFAULT_ENVIRONMENTS, isDemo: false, adminId: user.id },
      { kek: context.kek, actor: { kind: "user", id: user.id, name: user.name }, requestId: context.requestId },
    );
    return { email: user.email, project: project.slug };
  });
}
