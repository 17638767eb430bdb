"use client";

import { PencilLine } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { z } from "zod";
import { DialogForm, DialogFrame } from "@/components/access/form-dialog";
import { useShell } from "@/components/shell/shell-context";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { CellNote, type Column, DataTable } from "@/components/ui/data-table";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { NameTag } from "@/components/ui/name-tag";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { type ApprovalPolicy, type ProtectedNames, putApprovalPolicy, putProtectedNames } from "@/lib/domain/approvals/api";

type Protection = z.infer<typeof ProtectedNames>;
type Props = {
  project: { slug: string; name: string };
  policies: readonly ApprovalPolicy[];
  protection: Protection;
  mayManage: boolean;
  /** Who could, for those who may not. */
  admins: readonly string[];
};

const LEAST_ROLES = ["approver", "admin"] as const;
const toList = (text: string) => text.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));

const startsGuarded = ({ guarded }: ApprovalPolicy) => guarded.includes("experiment-start");

/** What each environment asks for, and which names are protected. */
export function PolicySettings({ project, policies, protection, mayManage, admins }: Props) {
  const words = useWords();
  const { environmentName } = useShell();
  const text = words.approvals.settings;
  const [open, setOpen] = useState<ApprovalPolicy | "names" | null>(null);
  const close = () => setOpen(null);
  const locked = !mayManage && (
    <CardFoot>
      {text.locked} {words.errors.whoHasRole({ project: project.name, people: admins.join(", ") })}
    </CardFoot>
  );
  const columns: Column<ApprovalPolicy>[] = [
    {
      id: "environment",
      head: text.policy,
      phone: "title",
      cell: (policy) => (
        <>
          <b className="font-[550]">{environmentName(policy.environment)}</b>
          {policy.revision === 0 && <CellNote>{text.notSet}</CellNote>}
        </>
      ),
    },
    { id: "approvals", head: text.approvals, align: "right", cell: (policy) => policy.approvals },
    { id: "role", head: text.role, cell: (policy) => words.nouns.roles[policy.leastRole] },
    { id: "expiry", head: text.expiry, align: "right", cell: (policy) => text.hours({ count: policy.expiryHours }) },
    { id: "guarded", head: text.guarded, cell: (policy) => (startsGuarded(policy) ? text.guardedOn : text.guardedOff) },
    { id: "checks", head: text.checks, cell: (policy) => (policy.requiredChecks.length === 0 ? "–" : policy.requiredChecks.join(", ")) },
  ];
  const act: Column<ApprovalPolicy> = {
    id: "act",
    head: <span className="sr-only">{text.change}</span>,
    phone: "corner",
    align: "right",
    cell: (policy) => (
      <Button size="sm" onClick={() => setOpen(policy)} aria-label={`${text.change}: ${environmentName(policy.environment)}`}>
        {text.change}
      </Button>
    ),
  };
  return (
    <>
      <Card>
        <CardHead title={text.title} sub={text.about} />
        <DataTable
          caption={text.title}
          phone="cards"
          rows={policies}
          rowKey={(policy) => policy.environment}
          columns={mayManage ? [...columns, act] : columns}
        />
        {locked}
      </Card>
      <Card>
        <CardHead
          title={text.names}
          sub={text.namesAbout}
          right={
            mayManage && (
              <Button
                size="sm"
                icon={<PencilLine aria-hidden />}
                onClick={() => setOpen("names")}
                aria-label={`${text.change}: ${text.names}`}
              >
                {text.change}
              </Button>
            )
          }
        />
        <CardBody className="flex flex-wrap gap-1.5 text-ink-2">
          {protection.names.length === 0
            ? text.namesNone
            : protection.names.map((name) => (
                <NameTag key={name} kind="protected">
                  {name}
                </NameTag>
              ))}
        </CardBody>
        {locked}
      </Card>
      {open === "names" && <NamesDialog project={project.slug} protection={protection} onClose={close} />}
      {open !== null && open !== "names" && <PolicyDialog project={project.slug} policy={open} onClose={close} />}
    </>
  );
}

function PolicyDialog({ project, policy, onClose }: { project: string; policy: ApprovalPolicy; onClose: () => void }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const { environmentName } = useShell();
  const text = words.approvals.settings;
  return (
    <DialogFrame title={text.dialog({ environment: environmentName(policy.environment) })} about={text.dialogAbout} onClose={onClose}>
      <DialogForm
        submitLabel={words.actions.save}
        busyLabel={words.actions.saving}
        onCancel={onClose}
        onSubmit={async (form) => {
          const answer = await call(putApprovalPolicy, {
            project,
            params: { environment: policy.environment },
            body: {
              approvals: Number(form.get("approvals")),
              leastRole: form.get("leastRole") === "admin" ? "admin" : "approver",
              expiryHours: Number(form.get("expiryHours")),
              requiredChecks: toList(String(form.get("requiredChecks") ?? "")),
              guarded: form.get("guarded") === "approval" ? ["experiment-start"] : [],
              reason: String(form.get("reason") ?? ""),
            },
            ifMatch: String(policy.revision),
          });
          router.refresh();
          if (!answer.ok) return answer;
          toast({ title: text.saved });
          onClose();
          return answer;
        }}
      >
        <TextField label={text.approvals} name="approvals" type="number" min={1} max={10} defaultValue={policy.approvals} />
        <SelectField
          label={text.role}
          name="leastRole"
          defaultValue={policy.leastRole}
          options={LEAST_ROLES.map((role) => ({ value: role, label: words.nouns.roles[role] }))}
        />
        <SelectField
          label={text.guarded}
          name="guarded"
          defaultValue={startsGuarded(policy) ? "approval" : "free"}
          options={[
            { value: "approval", label: text.guardedOn },
            { value: "free", label: text.guardedOff },
          ]}
        />
        <TextField label={text.expiryField} name="expiryHours" type="number" min={1} max={720} defaultValue={policy.expiryHours} />
        <TextField
          label={text.checks}
          name="requiredChecks"
          optional
          defaultValue={policy.requiredChecks.join(", ")}
          hint={text.checksHint}
          autoComplete="off"
          spellCheck={false}
        />
        <TextAreaField label={text.reason} name="reason" rows={2} />
      </DialogForm>
    </DialogFrame>
  );
}

function NamesDialog({ project, protection, onClose }: { project: string; protection: Protection; onClose: () => void }) {
  const words = useWords();
  const router = useRouter();
  const toast = useToast();
  const text = words.approvals.settings;
  return (
    <DialogFrame title={text.names} about={text.namesAbout} onClose={onClose}>
      <DialogForm
        submitLabel={words.actions.save}
        busyLabel={words.actions.saving}
        onCancel={onClose}
        onSubmit={async (form) => {
          const answer = await call(putProtectedNames, {
            project,
            body: { names: toList(String(form.get("names") ?? "")), reason: String(form.get("reason") ?? "") },
            ifMatch: String(protection.revision),
          });
          router.refresh();
          if (!answer.ok) return answer;
          toast({ title: text.namesSaved });
          onClose();
          return answer;
        }}
      >
        <TextField
          label={text.namesField}
          name="names"
          optional
          defaultValue={protection.names.join(", ")}
          hint={text.namesHint}
          autoComplete="off"
          spellCheck={false}
        />
        <TextAreaField label={text.reason} name="reason" rows={2} />
      </DialogForm>
    </DialogFrame>
  );
}
