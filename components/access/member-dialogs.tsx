"use client";

import { useState } from "react";
import { useWords } from "@/components/shell/words-provider";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { SelectField, TextField } from "@/components/ui/field";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { ROLES, type Role } from "@/lib/core/policy/actions";
import { addMember, changeMember, removeMember } from "@/lib/domain/access/api";
import { DialogForm, DialogFrame } from "./form-dialog";
import type { Member } from "./members-card";

type Asked = { project: string; onDone: () => void; onClose: () => void };

export function AddMemberDialog({ project, mayGivePassword, onDone, onClose }: Asked & { mayGivePassword: boolean }) {
  const words = useWords();
  const toast = useToast();
  const [role, setRole] = useState<Role>("viewer");
  return (
    <DialogFrame title={words.access.addMember} about={words.access.addMemberAbout} onClose={onClose}>
      <DialogForm
        submitLabel={words.access.addMember}
        busyLabel={words.access.adding}
        onCancel={onClose}
        onSubmit={async (form) => {
          const password = String(form.get("password") ?? "");
          const body = { email: String(form.get("email") ?? ""), name: String(form.get("name") ?? ""), role };
          const answer = await call(addMember, { project, body: password === "" ? body : { ...body, password } });
          if (!answer.ok) return answer;
          toast({ title: words.access.memberAdded({ name: answer.data.name }) });
          onDone();
          onClose();
          return answer;
        }}
      >
        <TextField label={words.access.email} name="email" type="email" autoComplete="off" />
        <TextField label={words.access.name} name="name" autoComplete="off" />
        <SelectField
          label={words.access.role}
          name="role"
          value={role}
          onChange={(event) => setRole(ROLES.find((each) => each === event.target.value) ?? "viewer")}
          options={ROLES.map((each) => ({ value: each, label: words.nouns.roles[each] }))}
          hint={words.access.roleHints[role]}
        />
        {mayGivePassword && (
          <TextField
            label={words.access.firstPassword}
            name="password"
            type="password"
            autoComplete="new-password"
            optional
            hint={words.access.firstPasswordHint}
          />
        )}
      </DialogForm>
    </DialogFrame>
  );
}

export function ChangeRoleDialog({ project, member, role, onDone, onClose }: Asked & { member: Member; role: Role }) {
  const words = useWords();
  const toast = useToast();
  const named = { name: member.name, role: words.nouns.roles[role] };
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.access.changeRoleTitle(named)}
      effect={
        <>
          {words.access.roleHints[role]} {words.access.roleEffect}
        </>
      }
      confirmLabel={words.access.changeRole}
      busyLabel={words.actions.saving}
      onConfirm={async () => {
        const answer = await call(changeMember, {
          project,
          params: { userId: member.userId },
          body: { role },
          ifMatch: String(member.version),
        });
        // Also after a refusal: the row may have changed under our eyes.
        onDone();
        if (answer.ok) toast({ title: words.access.roleChanged(named) });
        return answer;
      }}
    />
  );
}

export function RemoveMemberDialog({ project, member, onDone, onClose }: Asked & { member: Member }) {
  const words = useWords();
  const toast = useToast();
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.access.removeTitle({ name: member.name })}
      effect={words.access.removeEffect}
      danger
      confirmLabel={words.access.removeMember}
      busyLabel={words.access.removing}
      onConfirm={async () => {
        const answer = await call(removeMember, { project, params: { userId: member.userId } });
        onDone();
        if (answer.ok) toast({ title: words.access.memberRemoved({ name: member.name }) });
        return answer;
      }}
    />
  );
}
