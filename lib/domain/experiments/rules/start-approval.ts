/** The kind's name, and the beginning of its subjects' ids: the table's trigger knows both. */
export const START_KIND = "experiment-start";

export const startSubjectOf = (experimentId: string): string => `${START_KIND}:${experimentId}`;
