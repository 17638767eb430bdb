export {
  addEvaluationCase,
  createEvaluationSet,
  getEvaluationSet,
  listEvaluationCases,
  listEvaluationSets,
  removeEvaluationCase,
} from "./manage-sets";
