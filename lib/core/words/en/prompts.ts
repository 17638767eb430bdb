/** Words of the prompts pages. */
export const prompts = {
  title: "Prompts",
  create: "New prompt",
  empty: "No prompts yet",
  emptyAbout: "A prompt version is immutable and known by the hash of its content. Push the first one here or from CI:",
};
