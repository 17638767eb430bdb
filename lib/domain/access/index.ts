export { authenticateToken, findPerson, findProjectAccess, type Person, type ProjectAccess } from "./authenticate";
export { createProjectIn } from "./create-project";
export { ensureFirstAdmin, type FirstAdmin } from "./ensure-first-admin";
export { assertEnvironment, createGatewayKey, listGatewayKeys, revokeGatewayKey } from "./manage-gateway-keys";
export { addMember, changeMember, listMembers, removeMember } from "./manage-members";
export { createToken, listTokens, revokeToken } from "./manage-tokens";
export { listDemoPeople, seedDemoProject } from "./seed-demo";
export { completeSetup, createProject, listProjects } from "./session-commands";
export { type SignedIn, signInWithOidc, signInWithPassword, signOut } from "./sign-in";
