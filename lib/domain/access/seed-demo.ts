import type { Role } from "@/lib/core/policy/actions";
import type { Actor } from "@/lib/core/policy/authorize";
import { newId } from "@/lib/infra/ids";
import { hashPassword } from "@/lib/infra/password";
import { createKeyText, type Kek, sha256Hex } from "@/lib/infra/secrets";
import { createProjectIn } from "./create-project";
import { DEMO_PASSWORD, DEMO_PEOPLE } from "./demo-people";
import { API_TOKEN_PREFIX } from "./manage-tokens";
import { findProjectBySlug, findUserByEmail, insertMember, insertToken, insertUser, inTransaction, lockName } from "./store";

const DEMO_SLUG = "demo";
const SETUP = { kind: "system", id: "demo-seed", name: "demo seed" } as const;

export interface DemoProject {
  readonly projectId: string;
  /** Acts as the demo's admin. */
  readonly actor: Actor;
  /** The demo's people by role: nobody approves their own wishes there either. */
  readonly people: Readonly<Record<Role, Actor>>;
  /** A token for the demo's own client; null when the project was there already. */
  readonly apiToken: string | null;
}

/** The demo project with its people, made once; safe to run again. */
export async function seedDemoProject(kek: Kek): Promise<DemoProject> {
  const passwordHash = await hashPassword(DEMO_PASSWORD);
  return inTransaction(async (tx) => {
    await lockName(tx, "seed-demo-project");
    const people: ((typeof DEMO_PEOPLE)[number] & { row: { id: string } })[] = [];
    for (const person of DEMO_PEOPLE) {
      const known = await findUserByEmail(person.email, tx);
      people.push({
        ...person,
        row:
          known ??
          (await insertUser(tx, {
            id: newId("user"),
            email: person.email,
            name: person.name,
            passwordHash,
            isDemo: true,
            isOperator: person.role === "admin",
          })),
      });
    }
    const [admin] = people;
    if (admin === undefined) throw new Error("the demo has no admin");
    const existing = await findProjectBySlug(DEMO_SLUG);
    const actorFor = (projectId: string, role: Role): Actor => {
      const person = people.find((p) => p.role === role) ?? admin;
      return { kind: "user", userId: person.row.id, name: person.name, sessionId: "demo-seed", projectId, role };
    };
    const actorsFor = (projectId: string) => ({
      actor: actorFor(projectId, "admin"),
      people: {
        viewer: actorFor(projectId, "viewer"),
        engineer: actorFor(projectId, "engineer"),
        approver: actorFor(projectId, "approver"),
        admin: actorFor(projectId, "admin"),
      },
    });
    if (existing !== null) return { projectId: existing.id, ...actorsFor(existing.id), apiToken: null };
    const project = await createProjectIn(
      tx,
      { slug: DEMO_SLUG, name: "Demo", environments: ["production", "staging", "dev"], isDemo: true, adminId: admin.row.id },
      { kek, actor: SETUP, requestId: "demo-seed" },
    );
    for (const person of people.slice(1)) await insertMember(tx, { projectId: project.id, userId: person.row.id, role: person.role });
    const apiToken = createKeyText(API_TOKEN_PREFIX);
    await insertToken(tx, {
      id: newId("token"),
      projectId: project.id,
      name: "demo client",
      hint: apiToken.slice(0, 10),
      hash: sha256Hex(apiToken),
      scopes: [
        "read",
        "registry:write",
        "releases:write",
        "experiments:write",
        "scores:write",
        "budgets:write",
        "approvals:request",
        "drift:write",
      ],
      createdById: admin.row.id,
    });
    return { projectId: project.id, ...actorsFor(project.id), apiToken };
  });
}

/** The demo's people that exist, for the sign-in page. */
export async function listDemoPeople(): Promise<{ email: string; name: string; role: Role; password: string }[]> {
  const found = [];
  for (const person of DEMO_PEOPLE) {
    const row = await findUserByEmail(person.email);
    if (row?.isDemo === true && row.disabledAt === null) found.push({ ...person, password: DEMO_PASSWORD });
  }
  return found;
}
