/** Words of the backends pages. */
export const backends = {
  title: "Backends",
  create: "Add a backend",
  empty: "No backends yet",
  emptyAbout: "A backend is one serving server: its kind, address, encrypted key and health. Add the first one here or from CI:",
};
