import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { EnvironmentName, Instant, Name, PageQuery, pageOf, Slug } from "@/lib/contracts/page";
import { LimitSettings, NewLimits, NO_LIMITS } from "@/lib/contracts/rate-limits";
import { ROLES, SCOPES } from "@/lib/core/policy/actions";

export const RoleName = z.enum(ROLES);
export const ScopeName = z.enum(SCOPES);
/** One line that reads as it is written: no control character, and none that turns the direction of what follows. */
const isPlainLine = (text: string) => !/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text);
const DisplayName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine(isPlainLine, "may hold no line break, control character or mark that changes the direction of text");
/** First parts of addresses that are not a project's. */
const RESERVED = new Set(["api", "dev", "docs", "healthz", "icon", "metrics", "readyz", "setup", "sign-in", "v1", "v2"]);
const ProjectSlug = Slug.refine((slug) => !RESERVED.has(slug), "is an address of the product itself: choose another");
const Email = z
  .email("must be an e-mail address")
  .max(254)
  .transform((v) => v.toLowerCase());
/** At least 12 characters (ASVS 6.2.1 asks 8, advises 15); no rule about kinds of characters. */
export const NewPassword = z.string().min(12, "must have at least 12 characters").max(200);

// ── projects ──
export const Project = z.strictObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  isDemo: z.boolean(),
  role: RoleName.nullable(),
  environments: z.array(z.string()),
  createdAt: Instant,
});
export type Project = z.infer<typeof Project>;

export const listProjects = endpoint({
  id: "listProjects",
  method: "GET",
  path: "/projects",
  tag: "Projects",
  summary: "The projects that you are a member of",
  access: "session",
  returns: z.strictObject({ items: z.array(Project), nextCursor: z.null() }),
});

export const createProject = endpoint({
  id: "createProject",
  method: "POST",
  path: "/projects",
  tag: "Projects",
  summary: "Create a project (installation operators)",
  description: "You become its first admin. Environments production, staging and dev are made unless you name others.",
  access: "session",
  body: z.strictObject({
    slug: ProjectSlug,
    name: DisplayName,
    environments: z.array(Slug).min(1).max(8).default(["production", "staging", "dev"]),
  }),
  returns: Project,
  status: 201,
  errors: ["already_exists", "forbidden"],
});

export const getProject = endpoint({
  id: "getProject",
  method: "GET",
  path: "/project",
  tag: "Projects",
  summary: "The project that your token belongs to, or that Switchyard-Project names",
  access: "project:read",
  returns: Project.omit({ role: true }),
});

// ── me ──
export const Me = z.strictObject({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  isOperator: z.boolean(),
});
export const getMe = endpoint({
  id: "getMe",
  method: "GET",
  path: "/me",
  tag: "Projects",
  summary: "Who you are signed in as",
  access: "session",
  returns: Me,
});

// ── first admin ──
export const completeSetup = endpoint({
  id: "completeSetup",
  method: "POST",
  path: "/setup",
  tag: "Projects",
  summary: "Create the first admin with the one-time set-up link",
  access: "public",
  body: z.strictObject({
    token: z.string().min(20).max(200),
    email: Email,
    name: DisplayName,
    password: NewPassword,
    project: z.strictObject({ slug: ProjectSlug, name: DisplayName }),
  }),
  returns: z.strictObject({ email: z.string(), project: z.string() }),
  status: 201,
  errors: ["token_expired", "state_conflict"],
});

// ── members ──
export const Member = z.strictObject({
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  role: RoleName,
  isDemo: z.boolean(),
  /** Send it back as If-Match. */
  version: z.int(),
  joinedAt: Instant,
});
export const listMembers = endpoint({
  id: "listMembers",
  method: "GET",
  path: "/members",
  tag: "Members",
  summary: "The project's members",
  access: "member:read",
  query: PageQuery,
  returns: pageOf(Member),
});
export const addMember = endpoint({
  id: "addMember",
  method: "POST",
  path: "/members",
  tag: "Members",
  summary: "Add a person to the project",
  description:
    "A person who has no account yet is created without a password and signs in with single sign-on; an operator of the installation may give a first password instead.",
  access: "member:manage",
  body: z.strictObject({ email: Email, name: DisplayName, role: RoleName, password: NewPassword.optional() }),
  returns: Member,
  status: 201,
  errors: ["already_exists"],
});
export const changeMember = endpoint({
  id: "changeMember",
  method: "PATCH",
  path: "/members/{userId}",
  tag: "Members",
  summary: "Change a member's role",
  access: "member:manage",
  params: z.strictObject({ userId: z.string() }),
  body: z.strictObject({ role: RoleName }),
  returns: Member,
  etag: true,
  errors: ["not_found", "state_conflict"],
});
export const removeMember = endpoint({
  id: "removeMember",
  method: "DELETE",
  path: "/members/{userId}",
  tag: "Members",
  summary: "Remove a member; their tokens stop working at once, for good",
  access: "member:manage",
  params: z.strictObject({ userId: z.string() }),
  returns: z.strictObject({ removed: z.literal(true) }),
  errors: ["not_found", "state_conflict"],
});

// ── API tokens ──
export const ApiToken = z.strictObject({
  id: z.string(),
  name: z.string(),
  /** First characters, to recognise it by. */
  hint: z.string(),
  scopes: z.array(ScopeName),
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
});
export const CreatedApiToken = z.strictObject({
  ...ApiToken.shape,
  /** The token itself, shown this once; null when an idempotent call is repeated. */
  token: z.string().nullable(),
});
export const listTokens = endpoint({
  id: "listTokens",
  method: "GET",
  path: "/tokens",
  tag: "Tokens and keys",
  summary: "API tokens of the project",
  access: "token:read",
  query: PageQuery,
  returns: pageOf(ApiToken),
});
export const createToken = endpoint({
  id: "createToken",
  method: "POST",
  path: "/tokens",
  tag: "Tokens and keys",
  summary: "Create an API token",
  description: "The token is shown once. It can never do more than you can, and never approves.",
  access: "token:manage",
  body: z.strictObject({
    name: DisplayName,
    scopes: z.array(ScopeName).min(1).max(SCOPES.length),
    expiresInDays: z.int().min(1).max(3_650).default(90),
  }),
  returns: CreatedApiToken,
  status: 201,
});
export const revokeToken = endpoint({
  id: "revokeToken",
  method: "DELETE",
  path: "/tokens/{id}",
  tag: "Tokens and keys",
  summary: "Revoke an API token; it stops working at once",
  access: "token:manage",
  params: z.strictObject({ id: z.string() }),
  returns: ApiToken,
  errors: ["not_found"],
});

// ── gateway keys ──
export const GatewayKey = z.strictObject({
  id: z.string(),
  name: z.string(),
  hint: z.string(),
  environment: z.string(),
  team: z.string().nullable(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
  /** How much its callers may send; see docs/gateway.md. */
  limits: LimitSettings,
  /** Send it back as If-Match. */
  version: z.int(),
});
export const CreatedGatewayKey = z.strictObject({ ...GatewayKey.shape, key: z.string().nullable() });
export const listGatewayKeys = endpoint({
  id: "listGatewayKeys",
  method: "GET",
  path: "/gateway-keys",
  tag: "Tokens and keys",
  summary: "Gateway keys of the project",
  access: "gateway-key:read",
  query: z.strictObject({ ...PageQuery.shape, environment: z.string().max(40).optional() }),
  returns: pageOf(GatewayKey),
});
export const createGatewayKey = endpoint({
  id: "createGatewayKey",
  method: "POST",
  path: "/gateway-keys",
  tag: "Tokens and keys",
  summary: "Create a gateway key for an application",
  description: "The key is shown once. It belongs to one environment.",
  access: "gateway-key:manage",
  body: z.strictObject({
    name: DisplayName,
    environment: EnvironmentName,
    team: Name.nullable().default(null),
    expiresInDays: z.int().min(1).max(3_650).nullable().default(null),
    limits: NewLimits.default(NO_LIMITS),
  }),
  returns: CreatedGatewayKey,
  status: 201,
  errors: ["environment_unknown"],
});
export const changeGatewayKey = endpoint({
  id: "changeGatewayKey",
  method: "PATCH",
  path: "/gateway-keys/{id}",
  tag: "Tokens and keys",
  summary: "Change how much a gateway key may send",
  description:
    "Limits of the gateway: requests and tokens in any 60 seconds, and requests at a time. What is left out is not limited. Gateways hold to it within seconds; requests under way go on.",
  access: "gateway-key:manage",
  params: z.strictObject({ id: z.string() }),
  body: z.strictObject({ limits: NewLimits }),
  returns: GatewayKey,
  etag: true,
  errors: ["not_found", "state_conflict"],
});
export const revokeGatewayKey = endpoint({
  id: "revokeGatewayKey",
  method: "DELETE",
  path: "/gateway-keys/{id}",
  tag: "Tokens and keys",
  summary: "Revoke a gateway key; gateways refuse it within seconds",
  access: "gateway-key:manage",
  params: z.strictObject({ id: z.string() }),
  returns: GatewayKey,
  errors: ["not_found"],
});

export const ACCESS_ENDPOINTS = [
  listProjects,
  createProject,
  getProject,
  getMe,
  completeSetup,
  listMembers,
  addMember,
  changeMember,
  removeMember,
  listTokens,
  createToken,
  revokeToken,
  listGatewayKeys,
  createGatewayKey,
  changeGatewayKey,
  revokeGatewayKey,
] as const;
