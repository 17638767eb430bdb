import { z } from "zod";
import { endpoint } from "@/lib/contracts/endpoint";
import { Instant, Name, PageQuery, PathName, pageOf, RowNumber, RowNumberText } from "@/lib/contracts/page";
import { Message } from "../prompts/api";

const TAG = "Evaluation sets";

export const EvaluationSet = z.strictObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Those that were not taken out. */
  caseCount: z.int(),
  createdBy: z.string(),
  createdAt: Instant,
});
export type EvaluationSet = z.infer<typeof EvaluationSet>;

const Variables = z.record(z.string().max(64), z.json());

export const EvaluationCase = z.strictObject({
  id: z.string(),
  set: z.string(),
  /** Its own in the set for ever: a case that was taken out leaves a gap. */
  number: z.int(),
  messages: z.array(Message),
  variables: Variables,
  /** The answer that counts as good; null: none was said. */
  expected: z.string().nullable(),
  tags: z.array(z.string()),
  note: z.string(),
  prompt: z.string().nullable(),
  promptVersion: z.int().nullable(),
  model: z.string().nullable(),
  modelVersion: z.int().nullable(),
  requestId: z.string().nullable(),
  createdBy: z.string(),
  createdAt: Instant,
});
export type EvaluationCase = z.infer<typeof EvaluationCase>;

const SetParams = z.strictObject({ name: Name });
const CaseParams = z.strictObject({ name: Name, number: RowNumberText });

export const listEvaluationSets = endpoint({
  id: "listEvaluationSets",
  method: "GET",
  path: "/evaluation-sets",
  tag: TAG,
  summary: "Evaluation sets by name",
  access: "evaluation:read",
  query: PageQuery,
  returns: pageOf(EvaluationSet),
});
export const createEvaluationSet = endpoint({
  id: "createEvaluationSet",
  method: "POST",
  path: "/evaluation-sets",
  tag: TAG,
  summary: "Create an evaluation set",
  access: "evaluation:write",
  body: z.strictObject({ name: Name, description: z.string().max(10_000).default("") }),
  returns: EvaluationSet,
  status: 201,
  errors: ["already_exists"],
});
export const getEvaluationSet = endpoint({
  id: "getEvaluationSet",
  method: "GET",
  path: "/evaluation-sets/{name}",
  tag: TAG,
  summary: "One evaluation set",
  access: "evaluation:read",
  params: SetParams,
  returns: EvaluationSet,
  errors: ["not_found"],
});
export const listEvaluationCases = endpoint({
  id: "listEvaluationCases",
  method: "GET",
  path: "/evaluation-sets/{name}/cases",
  tag: TAG,
  summary: "Cases of a set, newest first",
  access: "evaluation:read",
  params: SetParams,
  query: PageQuery,
  returns: pageOf(EvaluationCase),
  errors: ["not_found"],
});
export const addEvaluationCase = endpoint({
  id: "addEvaluationCase",
  method: "POST",
  path: "/evaluation-sets/{name}/cases",
  tag: TAG,
  summary: "Add a case to a set",
  description:
    "A case does not change: it is what was asked, with the values put in, and the answer that counts as good. A better one is another case.",
  access: "evaluation:write",
  params: SetParams,
  body: z.strictObject({
    messages: z.array(Message).min(1).max(100),
    variables: Variables.default({}),
    expected: z.string().max(200_000).nullable().default(null),
    tags: z.array(Name).max(20).default([]),
    note: z.string().max(4_000).default(""),
    prompt: z.strictObject({ name: PathName, version: RowNumber }).nullable().default(null),
    model: z.strictObject({ name: Name, version: RowNumber }).nullable().default(null),
    requestId: z
      .string()
      .regex(/^req_[0-9a-f]{32}$/, "is a request id")
      .nullable()
      .default(null),
  }),
  returns: EvaluationCase,
  status: 201,
  errors: ["not_found", "invalid_reference"],
});
export const removeEvaluationCase = endpoint({
  id: "removeEvaluationCase",
  method: "DELETE",
  path: "/evaluation-sets/{name}/cases/{number}",
  tag: TAG,
  summary: "Take a case out of its set; its number is not given again",
  access: "evaluation:write",
  params: CaseParams,
  returns: EvaluationCase,
  errors: ["not_found"],
});

export const EVALUATION_ENDPOINTS = [
  listEvaluationSets,
  createEvaluationSet,
  getEvaluationSet,
  listEvaluationCases,
  addEvaluationCase,
  removeEvaluationCase,
] as const;
