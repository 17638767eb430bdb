import { isPortFree } from "../process/ports";
import { listenedPorts, type Settings } from "./settings";

/** A sentence for each port of this run that another program listens on, naming the variable to change. */
export async function portProblems(settings: Settings): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, port, host } of listenedPorts(settings)) {
    const isFree = (await isPortFree(port)) && (host === "127.0.0.1" || (await isPortFree(port, host)));
    const more = name === "SIM_PORT" ? " (it and the next one are used)" : "";
    if (!isFree)
      problems.push(
        `Port ${port} is in use by another program: set ${name} to a free port${more}, for example ${name}=${port + 10} npm run up.`,
      );
  }
  return problems;
}
