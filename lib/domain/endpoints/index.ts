export { createRelease } from "./create-release";
export {
  activateRelease,
  createEndpoint,
  findEndpointWithRelease,
  getEndpoint,
  getRelease,
  listEndpoints,
  listReleases,
} from "./manage-endpoints";
export { saveActiveRelease } from "./store";
