"use client";

import { useRouter } from "next/navigation";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { FormProblemNote, FormProblemProvider, TextField } from "@/components/ui/field";
import { useProblemForm } from "@/components/ui/use-problem-form";
import { call } from "@/lib/client/call";
import { completeSetup } from "@/lib/domain/access/api";

/** The one-time form for the first admin and the first project. */
export function SetupForm({ token }: { token: string }) {
  const words = useWords();
  const router = useRouter();
  const { problem, busy, formProps } = useProblemForm(async (form) => {
    const text = (name: string) => String(form.get(name) ?? "");
    const answer = await call(completeSetup, {
      body: {
        token,
        email: text("email"),
        name: text("name"),
        password: text("password"),
        project: { slug: text("slug"), name: text("project") },
      },
    });
    if (answer.ok) router.replace(`/sign-in?callbackUrl=/${answer.data.project}`);
    return answer;
  });
  return (
    <FormProblemProvider problem={problem}>
      <form {...formProps} className="grid gap-4">
        <FormProblemNote problem={problem} />
        <TextField label={words.access.name} name="name" autoComplete="name" />
        <TextField label={words.access.email} name="email" type="email" autoComplete="username" />
        <TextField
          label={words.access.password}
          name="password"
          type="password"
          autoComplete="new-password"
          hint={words.access.passwordHint}
        />
        <TextField label={words.access.projectName} name="project" pointer="/project/name" />
        <TextField label={words.access.projectSlug} name="slug" pointer="/project/slug" hint={words.access.projectSlugHint} />
        <Button type="submit" variant="primary" size="lg" wide busy={busy} busyLabel={words.access.settingUp}>
          {words.access.setUp}
        </Button>
      </form>
    </FormProblemProvider>
  );
}
