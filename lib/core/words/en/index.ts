import { access } from "./access";
import { actions } from "./actions";
import { approvals } from "./approvals";
import { audit } from "./audit";
import { backends } from "./backends";
import { budgets } from "./budgets";
import { cache } from "./cache";
import { content } from "./content";
import { docs } from "./docs";
import { drift } from "./drift";
import { endpoints } from "./endpoints";
import { errors } from "./errors";
import { evaluations } from "./evaluations";
import { experimentResults } from "./experiment-results";
import { experiments } from "./experiments";
import { gateways } from "./gateways";
import { limits } from "./limits";
import { lists } from "./lists";
import { models } from "./models";
import { nouns } from "./nouns";
import { overview } from "./overview";
import { planForm } from "./plan-form";
import { playground } from "./playground";
import { pointers } from "./pointers";
import { prompts } from "./prompts";
import { requests } from "./requests";
import { rollouts } from "./rollouts";
import { segments } from "./segments";
import { serving } from "./serving";
import { shell } from "./shell";
import { states } from "./states";
import { terms } from "./terms";
import { ui } from "./ui";
import { verdicts } from "./verdicts";

/** The English words, source of every other language. One file a noun: add a file here and its twin in ../ko. */
export const en = {
  access,
  actions,
  approvals,
  audit,
  backends,
  budgets,
  cache,
  content,
  docs,
  drift,
  endpoints,
  errors,
  evaluations,
  experimentResults,
  experiments,
  gateways,
  limits,
  lists,
  models,
  nouns,
  overview,
  planForm,
  playground,
  pointers,
  prompts,
  requests,
  rollouts,
  segments,
  serving,
  shell,
  states,
  terms,
  ui,
  verdicts,
};
