/** Words of the requests pages. */
export const requests = {
  title: "Requests",
  create: "Send a request",
  empty: "No requests yet",
  emptyAbout: "Every request through the gateway stands here with its tokens, cost and times. Send the first one:",
};
