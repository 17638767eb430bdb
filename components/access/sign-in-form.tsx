"use client";

import { useRouter } from "next/navigation";
import { signIn } from "next-auth/react";
import { type FormEvent, useRef, useState } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Button, buttonLook } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { TextField } from "@/components/ui/field";
import { Note } from "@/components/ui/note";
import type { Role } from "@/lib/core/policy/actions";
import type { Words } from "@/lib/core/words";

interface DemoPerson {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

interface Props {
  readonly callbackUrl: string;
  readonly startError: string | null;
  readonly oidcName: string | null;
  readonly people: readonly DemoPerson[];
}

function toSentence(code: string, words: Words): string {
  if (code === "too_many_attempts") return words.access.tooMany;
  if (code === "unavailable") return words.access.away;
  if (code.startsWith("oidc") || code === "Callback") return words.access.oidcRefused;
  return words.access.signInRefused;
}

/** Signs in through next-auth; what was typed is kept when it is refused. */
export function SignInForm({ callbackUrl, startError, oidcName, people }: Props) {
  const words = useWords();
  const router = useRouter();
  const [error, setError] = useState(startError);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(null);
    const data = new FormData(event.currentTarget);
    const answer = await signIn("credentials", {
      email: String(data.get("email")),
      password: String(data.get("password")),
      redirect: false,
    }).catch(() => null);
    if (answer?.ok) {
      router.replace(callbackUrl);
      router.refresh();
      return;
    }
    setBusy(false);
    setError(answer?.error ?? "unavailable");
  };

  const fill = (person: DemoPerson) => {
    const fields = form.current?.elements;
    for (const [name, value] of [
      ["email", person.email],
      ["password", person.password],
    ] as const) {
      const field = fields?.namedItem(name);
      if (field instanceof HTMLInputElement) field.value = value;
    }
    form.current?.querySelector<HTMLButtonElement>("button[type=submit]")?.focus();
  };

  return (
    <div className="grid gap-5">
      {error !== null && (
        <Note tone="bad" role="alert">
          {toSentence(error, words)}
        </Note>
      )}
      <form ref={form} onSubmit={onSubmit} className="grid gap-4">
        <TextField label={words.access.email} name="email" type="email" autoComplete="username" required />
        <TextField label={words.access.password} name="password" type="password" autoComplete="current-password" required />
        <Button type="submit" variant="primary" size="lg" wide busy={busy} busyLabel={words.access.signingIn}>
          {words.access.signIn}
        </Button>
      </form>
      {oidcName !== null && (
        <Button size="lg" wide onClick={() => void signIn("oidc", { callbackUrl })}>
          {words.access.signInWith({ name: oidcName })}
        </Button>
      )}
      {people.length > 0 && (
        <Note title={words.access.demoTitle}>
          <p>{words.access.demoAbout}</p>
          <p className="mt-1 text-small text-ink-2">
            {words.access.demoPassword} <code>{people[0]?.password}</code>
          </p>
          <ul className="mt-2 grid gap-1.5">
            {people.map((person) => (
              <li key={person.email}>
                <button
                  type="button"
                  onClick={() => fill(person)}
                  className={cn(buttonLook({ size: "md", wide: true }), "justify-between gap-3 max-md:h-11")}
                >
                  <span className="min-w-0 truncate">{person.name}</span>
                  <span className="font-normal text-ink-3">{words.nouns.roles[person.role]}</span>
                </button>
              </li>
            ))}
          </ul>
        </Note>
      )}
    </div>
  );
}
