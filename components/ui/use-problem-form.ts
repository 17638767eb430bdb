"use client";

import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { useLocale, useWords } from "@/components/shell/words-provider";
import { type FormProblem, isProblemBody, type ProblemBody, toFormProblem } from "./problem";

type Submit = (form: FormData) => Promise<{ ok: true } | { ok: false; problem: unknown }>;

/**
 * A form that keeps what was typed: the fields stay uncontrolled, a refusal lands on them, the focus goes to the first
 * bad one, and a second submit while one is under way does nothing. `submit` calls the API and returns its answer;
 * `problem` is the body of a refusal, anything else is taken as no answer. Spread `formProps` on the <form>.
 */
export function useProblemForm(submit: Submit) {
  const words = useWords();
  const locale = useLocale();
  const [problem, setProblem] = useState<FormProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const underway = useRef(false);

  useEffect(() => {
    if (problem) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);

  const fail = useCallback(
    (value: unknown) => {
      const body: ProblemBody = isProblemBody(value) ? value : { title: words.errors.network, code: "NETWORK" };
      const pointers = [...(form.current?.querySelectorAll<HTMLElement>("[data-pointer]") ?? [])].map(
        (field) => field.dataset.pointer ?? "",
      );
      setProblem(toFormProblem(body, { pointers, words, locale }));
    },
    [words, locale],
  );

  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (underway.current) return;
    underway.current = true;
    setBusy(true);
    setProblem(null);
    const answer = await submit(new FormData(event.currentTarget)).catch(() => ({ ok: false as const, problem: null }));
    underway.current = false;
    setBusy(false);
    if (!answer.ok) fail(answer.problem);
  };

  return { problem, busy, fail, formProps: { ref: form, onSubmit, noValidate: true } };
}
