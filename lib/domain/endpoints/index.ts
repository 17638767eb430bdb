export { createRelease } from "./create-release";
export {
  activateRelease,
  changeEndpoint,
  createEndpoint,
  findEndpointWithReleases,
  getEndpoint,
  getRelease,
  listEndpoints,
  listReleases,
  lockEndpointWithRelease,
  purgeCache,
} from "./manage-endpoints";
export { saveActiveRelease } from "./store";
