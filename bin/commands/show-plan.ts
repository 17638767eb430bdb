import type { Call } from "../arguments";
import { EXIT, type ExitCode } from "../errors";
import { choosePaint, type Io } from "../io";
import { printPlan, toPlanJson } from "../plan/print-plan";
import type { RestClient } from "../rest-client";
import { openPlan } from "./open-plan";

export async function showPlan(io: Io, client: RestClient, call: Call): Promise<ExitCode> {
  const { folder, remote, plan, digest } = await openPlan(io, client, call);
  if (call.isJson) io.out(`${JSON.stringify(toPlanJson(plan, { project: remote.slug, digest }), null, 2)}\n`);
  else io.out(printPlan({ plan, folder, remote, paint: choosePaint(io) }));
  if (plan.conflicts.length > 0) return EXIT.failed;
  return plan.steps.length > 0 ? EXIT.differs : EXIT.done;
}
