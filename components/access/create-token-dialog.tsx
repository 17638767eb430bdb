"use client";

import { useState } from "react";
import { useWords } from "@/components/shell/words-provider";
import { CheckboxField, Field, TextField } from "@/components/ui/field";
import { call } from "@/lib/client/call";
import { SCOPES, type Scope } from "@/lib/core/policy/actions";
import { createToken } from "@/lib/domain/access/api";
import { DialogForm, DialogFrame } from "./form-dialog";
import { SecretShown } from "./secret-shown";

const DEFAULT_DAYS = 90;

type Props = { project: string; webUrl: string; onDone: () => void; onClose: () => void };

/** Asks what the token may do, then shows it once. */
export function CreateTokenDialog({ project, webUrl, onDone, onClose }: Props) {
  const words = useWords();
  const [secret, setSecret] = useState<string | null>(null);
  if (secret !== null) {
    const example = `curl -H "Authorization: Bearer ${secret}" ${webUrl}/api/v1/endpoints`;
    return (
      <DialogFrame title={words.access.tokenMade} onClose={onClose}>
        <SecretShown secret={secret} what={words.nouns.token.one} example={example} onDone={onClose} />
      </DialogFrame>
    );
  }
  return (
    <DialogFrame title={words.access.createToken} about={words.access.tokenHint} onClose={onClose}>
      <DialogForm
        submitLabel={words.access.createToken}
        busyLabel={words.access.creating}
        onCancel={onClose}
        onSubmit={async (form) => {
          const scopes = SCOPES.filter((scope) => form.getAll("scopes").includes(scope));
          const body = { name: String(form.get("name") ?? ""), scopes, expiresInDays: Number(form.get("days")) };
          const answer = await call(createToken, { project, body });
          if (!answer.ok) return answer;
          onDone();
          setSecret(answer.data.token);
          return answer;
        }}
      >
        <TextField label={words.access.name} name="name" autoComplete="off" hint={words.access.tokenNameHint} />
        <ScopeField />
        <TextField
          label={words.access.days}
          name="days"
          pointer="/expiresInDays"
          type="number"
          inputMode="numeric"
          min={1}
          max={3_650}
          defaultValue={DEFAULT_DAYS}
          className="max-w-48"
        />
      </DialogForm>
    </DialogFrame>
  );
}

function ScopeField() {
  const words = useWords();
  return (
    <Field label={words.access.scopes} name="scopes">
      {({ id, "aria-invalid": isInvalid, ...control }) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would take a legend, and the label is drawn by Field
        <div
          id={id}
          role="group"
          aria-label={words.access.scopes}
          aria-describedby={control["aria-describedby"]}
          data-pointer={control["data-pointer"]}
          className="grid gap-2.5 rounded-control border border-line p-3"
        >
          {SCOPES.map((scope: Scope, index) => (
            <CheckboxField
              key={scope}
              name="scopes"
              value={scope}
              defaultChecked={scope === "read"}
              aria-invalid={index === 0 ? isInvalid : undefined}
              label={<code className="text-small">{scope}</code>}
              hint={words.access.scopeHints[scope]}
            />
          ))}
        </div>
      )}
    </Field>
  );
}
