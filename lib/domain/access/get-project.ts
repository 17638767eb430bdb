import { query } from "../command";
import { getProject as getProjectSpec } from "./api";
import { getProjectShown } from "./queries";

export const getProject = query(getProjectSpec, async ({ reader, projectId }) => ({ result: await getProjectShown(reader, projectId) }));
