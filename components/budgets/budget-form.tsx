"use client";

import { useRouter } from "next/navigation";
import { FormActions } from "@/components/endpoints/form-actions";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Card, CardBody } from "@/components/ui/card";
import { FormProblemNote, FormProblemProvider, SelectField, TextField } from "@/components/ui/field";
import { Page, PageHeader } from "@/components/ui/page-header";
import { useToast } from "@/components/ui/toast";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { type Budget, changeBudget, createBudget } from "@/lib/domain/budgets/api";
import { parseThresholds, writeThresholds } from "./thresholds";

type Props = {
  scope: Scope;
  budget: Budget | null;
  etag: string | null;
  /** Names of the environment's endpoints. */
  endpoints: readonly string[];
  /** Time zones that the server knows. */
  zones: readonly string[];
};

const zoneList = "budget-zones";

/** Sets a budget, or changes one: then with the ETag of what was read, so that nobody's change is lost. */
export function BudgetForm({ scope, budget, etag, endpoints, zones }: Props) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { link } = useShell();
  const text = words.budgets.form;
  const base = `/${scope.project}/budgets`;
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const read = (name: string) => String(form.get(name) ?? "").trim();
    const common = {
      name: read("name"),
      limitUsd: read("limitUsd"),
      thresholdsBps: parseThresholds(read("thresholdsBps")),
      action: read("action") === "block" ? ("block" as const) : ("notify" as const),
      whenUnknown: read("whenUnknown") === "allow" ? ("allow" as const) : ("refuse" as const),
    };
    const answer =
      budget === null
        ? await call(createBudget, {
            project: scope.project,
            body: { ...common, environment: scope.environment, endpoint: read("endpoint") || null, zone: read("zone") },
          })
        : await call(changeBudget, { project: scope.project, params: { id: budget.id }, body: common, ifMatch: etag ?? undefined });
    if (!answer.ok) return answer;
    const { id, name } = answer.data;
    toast({ title: budget === null ? text.created({ name }) : text.changed({ name }) });
    router.push(link(`${base}/${id}`));
    router.refresh();
    return { ok: true };
  });
  return (
    <Page>
      <PageHeader title={budget === null ? words.budgets.create : `${words.budgets.edit}: ${budget.name}`}>
        {budget === null ? text.about : text.editAbout}
      </PageHeader>
      <Card className="max-w-[760px]">
        <CardBody className="pt-4">
          <form {...formProps} className="flex flex-col gap-3.5">
            <FormProblemNote problem={problem} />
            <FormProblemProvider problem={problem}>
              <TextField
                label={text.name}
                name="name"
                hint={text.nameHint}
                autoComplete="off"
                spellCheck={false}
                defaultValue={budget?.name ?? ""}
              />
              {budget === null && (
                <SelectField
                  label={text.endpoint}
                  name="endpoint"
                  options={[
                    { value: "", label: words.budgets.allEndpoints },
                    ...endpoints.map((endpoint) => ({ value: endpoint, label: endpoint })),
                  ]}
                />
              )}
              <TextField
                label={text.limit}
                name="limitUsd"
                hint={text.limitHint}
                inputMode="decimal"
                autoComplete="off"
                defaultValue={budget?.limitUsd ?? ""}
              />
              {budget === null && (
                <>
                  <TextField
                    label={text.zone}
                    name="zone"
                    hint={text.zoneHint}
                    list={zoneList}
                    autoComplete="off"
                    spellCheck={false}
                    defaultValue="UTC"
                  />
                  <datalist id={zoneList}>
                    {zones.map((zone) => (
                      <option key={zone} value={zone} />
                    ))}
                  </datalist>
                </>
              )}
              <TextField
                label={text.thresholds}
                name="thresholdsBps"
                hint={text.thresholdsHint}
                inputMode="text"
                autoComplete="off"
                defaultValue={writeThresholds(budget?.thresholdsBps ?? [5_000, 8_000, 10_000])}
              />
              <SelectField
                label={text.action}
                name="action"
                hint={text.actionHint}
                defaultValue={budget?.action ?? "notify"}
                options={(["notify", "block"] as const).map((value) => ({ value, label: text.actionOptions[value] }))}
              />
              <SelectField
                label={text.unknown}
                name="whenUnknown"
                hint={text.unknownHint}
                defaultValue={budget?.whenUnknown ?? "refuse"}
                options={(["refuse", "allow"] as const).map((value) => ({ value, label: text.unknownOptions[value] }))}
              />
            </FormProblemProvider>
            <FormActions
              submit={budget === null ? words.actions.create : text.save}
              busy={busy}
              busyLabel={budget === null ? words.actions.creating : words.actions.saving}
              cancelHref={link(budget === null ? base : `${base}/${budget.id}`)}
              role={mayAct(scope, "budget:write") ? null : neededRole("budget:write")}
            />
          </form>
        </CardBody>
      </Card>
    </Page>
  );
}
