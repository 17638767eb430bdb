/** Words of the overview pages. */
export const overview = {
  title: "Overview",
  needsYou: "Needs you",
  needsYouSub: "worst first",
  nothingWaits: "Nothing waits for you.",
  endpoints: "Endpoints",
  inProgress: "In progress",
  empty: "No endpoint yet",
  emptyAbout: "An endpoint is the stable name that an application calls. Register a model, add a backend, then create the endpoint.",
};
