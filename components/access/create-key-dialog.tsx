"use client";

import { useState } from "react";
import { LimitFields, readLimits } from "@/components/limits/limit-fields";
import { useWords } from "@/components/shell/words-provider";
import { SelectField, TextField } from "@/components/ui/field";
import { call } from "@/lib/client/call";
import { createGatewayKey } from "@/lib/domain/access/api";
import { DialogForm, DialogFrame } from "./form-dialog";
import { SecretShown } from "./secret-shown";

type Props = {
  project: { slug: string; environments: readonly string[] };
  environment: string;
  gatewayUrl: string;
  onDone: () => void;
  onClose: () => void;
};

/** Asks for which application and environment the key is, then shows it once. */
export function CreateKeyDialog({ project, environment, gatewayUrl, onDone, onClose }: Props) {
  const words = useWords();
  const [secret, setSecret] = useState<string | null>(null);
  const names: Readonly<Record<string, string>> = words.shell.environments;
  if (secret !== null) {
    const example = `curl -H "Authorization: Bearer ${secret}" ${gatewayUrl}/v1/models`;
    return (
      <DialogFrame title={words.access.keyMade} onClose={onClose}>
        <SecretShown secret={secret} what={words.nouns.gatewayKey.one} example={example} onDone={onClose} />
      </DialogFrame>
    );
  }
  return (
    <DialogFrame title={words.access.createKey} about={words.access.keyHint} onClose={onClose}>
      <DialogForm
        submitLabel={words.access.createKey}
        busyLabel={words.access.creating}
        onCancel={onClose}
        onSubmit={async (form) => {
          const text = (name: string) => String(form.get(name) ?? "").trim();
          const answer = await call(createGatewayKey, {
            project: project.slug,
            body: {
              name: text("name"),
              environment: text("environment"),
              team: text("team") === "" ? null : text("team"),
              expiresInDays: text("days") === "" ? null : Number(text("days")),
              limits: readLimits(form),
            },
          });
          if (!answer.ok) return answer;
          onDone();
          setSecret(answer.data.key);
          return answer;
        }}
      >
        <TextField label={words.access.name} name="name" autoComplete="off" hint={words.access.keyNameHint} />
        <SelectField
          label={words.access.environment}
          name="environment"
          defaultValue={environment}
          options={project.environments.map((name) => ({ value: name, label: names[name] ?? name }))}
        />
        <TextField label={words.access.team} name="team" optional autoComplete="off" hint={words.access.teamHint} />
        <TextField
          label={words.access.days}
          name="days"
          pointer="/expiresInDays"
          type="number"
          inputMode="numeric"
          min={1}
          max={3_650}
          optional
          hint={words.access.daysHint}
          className="max-w-64"
        />
        <LimitFields />
      </DialogForm>
    </DialogFrame>
  );
}
