import { createProject, listProjects } from "@/lib/domain/access";
import { createProject as createSpec, listProjects as listSpec } from "@/lib/domain/access/api";
import { handleSession } from "@/lib/http/handle";

export const GET = handleSession(listSpec, (person) => listProjects(person));
export const POST = handleSession(createSpec, (person, input, context) => createProject(person, input.body, context));
