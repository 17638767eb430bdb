/** Words of the endpoints pages. */
export const endpoints = {
  title: "Endpoints",
  create: "New endpoint",
  empty: "No endpoints yet",
  emptyAbout: "An endpoint is the stable name that an application calls as model. Create the first one here or from CI:",
};
