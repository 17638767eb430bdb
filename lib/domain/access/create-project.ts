import { randomBytes } from "node:crypto";
import { newId } from "@/lib/infra/ids";
import { type Kek, sealSecret, secretPlace } from "@/lib/infra/secrets";
import { type AuditActor, appendEvent } from "../audit";
import { insertMember, insertProject } from "./store";

export interface NewProject {
  readonly slug: string;
  readonly name: string;
  readonly environments: readonly string[];
  readonly isDemo: boolean;
  readonly adminId: string;
}

/** Adds a project with its environments, its sealed subject key and its first admin, and begins its audit chain. */
export async function createProjectIn(
  tx: Parameters<typeof insertProject>[0],
  project: NewProject,
  by: { kek: Kek; actor: AuditActor; requestId: string },
) {
  const id = newId("project");
  const row = await insertProject(tx, {
    id,
    slug: project.slug,
    name: project.name,
    isDemo: project.isDemo,
    environments: project.environments,
    subjectKeySealed: sealSecret(by.kek, randomBytes(32).toString("base64"), secretPlace.subjectKey(id)),
  });
  await insertMember(tx, { projectId: id, userId: project.adminId, role: "admin" });
  await appendEvent(tx, {
    chain: id,
    actor: by.actor,
    requestId: by.requestId,
    draft: {
      action: "project.created",
      objectKind: "project",
      objectId: id,
      objectName: project.slug,
      details: { name: project.name, environments: project.environments, isDemo: project.isDemo },
    },
  });
  return row;
}
