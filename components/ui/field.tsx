"use client";

import { CircleAlert, OctagonX } from "lucide-react";
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from "radix-ui";
import { type ComponentProps, createContext, type ReactNode, useContext, useId } from "react";
import { useWords } from "@/components/shell/words-provider";
import { cn } from "./cn";
import { CopyButton } from "./copy-field";
import type { FormProblem } from "./problem";

export const inputLook = cn(
  "h-(--control-h) w-full min-w-0 rounded-control border border-control-line bg-surface px-2.5 text-base text-ink",
  "aria-invalid:border-bad-solid aria-invalid:shadow-[0_0_0_1px_var(--bad-solid)] disabled:cursor-not-allowed disabled:border-line disabled:bg-sunken disabled:text-ink-3",
  "max-md:text-[16px] pointer-coarse:text-[16px]",
);

const ProblemContext = createContext<FormProblem | null>(null);

/** Lets each Field below find the mistakes that the server named for it. */
export function FormProblemProvider({ problem, children }: { problem: FormProblem | null; children: ReactNode }) {
  return <ProblemContext value={problem}>{children}</ProblemContext>;
}

type ControlProps = {
  id: string;
  name: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
  "data-pointer": string;
};

type FieldProps = {
  label: ReactNode;
  /** The form control's name. */
  name: string;
  /** JSON pointer of this value in the request body; `/name` if not given. */
  pointer?: string;
  hint?: ReactNode;
  /** A mistake found before sending; one of the server replaces it. */
  error?: string;
  optional?: boolean;
  className?: string;
  /** Draws the control with these attributes; Input, Textarea and Select are ready made. */
  children: (control: ControlProps) => ReactNode;
};

/** Label above, hint below; a mistake replaces the hint. */
export function Field({ label, name, pointer = `/${name}`, hint, error, optional = false, className, children }: FieldProps) {
  const words = useWords();
  const id = useId();
  const problem = useContext(ProblemContext);
  const mistake = problem?.fields[pointer] ?? error;
  const noteId = `${id}-note`;
  return (
    <div className={cn("flex min-w-0 flex-col gap-[5px]", className)}>
      <label htmlFor={id} className="text-small font-medium">
        {label}
        {optional && <span className="font-normal text-ink-3"> ({words.ui.optional})</span>}
      </label>
      {children({
        id,
        name,
        "aria-invalid": mistake ? true : undefined,
        "aria-describedby": mistake || hint ? noteId : undefined,
        "data-pointer": pointer,
      })}
      {mistake ? (
        <span id={noteId} className="flex gap-[5px] text-small text-bad-ink">
          <CircleAlert className="mt-px size-3.5 shrink-0 stroke-2" aria-hidden />
          {mistake}
        </span>
      ) : (
        hint !== undefined && (
          <span id={noteId} className="text-small text-ink-3">
            {hint}
          </span>
        )
      )}
    </div>
  );
}

type Common = Omit<FieldProps, "children">;

export function TextField({
  label,
  name,
  pointer,
  hint,
  error,
  optional,
  className,
  ...input
}: Common & Omit<ComponentProps<"input">, "name">) {
  return (
    <Field {...{ label, name, pointer, hint, error, optional, className }}>
      {(control) => <input {...input} {...control} className={inputLook} />}
    </Field>
  );
}

export function TextAreaField({
  label,
  name,
  pointer,
  hint,
  error,
  optional,
  className,
  mono = false,
  ...input
}: Common & Omit<ComponentProps<"textarea">, "name"> & { mono?: boolean }) {
  return (
    <Field {...{ label, name, pointer, hint, error, optional, className }}>
      {(control) => (
        <textarea
          rows={3}
          {...input}
          {...control}
          className={cn(inputLook, "block h-auto resize-y py-2 leading-5", mono && "font-mono text-[12px]/[18px]")}
        />
      )}
    </Field>
  );
}

type Option = { value: string; label: string; disabled?: boolean };

/** The system's own select: right on a phone, by keyboard and without JavaScript. */
export function SelectField({
  label,
  name,
  pointer,
  hint,
  error,
  optional,
  className,
  options,
  ...input
}: Common & Omit<ComponentProps<"select">, "name" | "children"> & { options: readonly Option[] }) {
  return (
    <Field {...{ label, name, pointer, hint, error, optional, className }}>
      {(control) => (
        <select {...input} {...control} className={cn(inputLook, "pr-7")}>
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckboxField({
  label,
  hint,
  ...rest
}: { label: ReactNode; hint?: ReactNode } & ComponentProps<typeof RadixCheckbox.Root>) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <RadixCheckbox.Root
        id={id}
        {...rest}
        className="mt-0.5 grid size-4 shrink-0 place-items-center rounded-mark border border-control-line bg-surface data-[state=checked]:border-primary data-[state=checked]:bg-primary"
      >
        <RadixCheckbox.Indicator>
          <svg viewBox="0 0 12 12" className="size-3 fill-none stroke-on-primary stroke-2" aria-hidden="true">
            <path d="m2.5 6.5 2.5 2.5 4.5-6" />
          </svg>
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
      <label htmlFor={id} className="min-w-0">
        {label}
        {hint !== undefined && <span className="block text-small text-ink-3">{hint}</span>}
      </label>
    </div>
  );
}

export function SwitchField({ label, hint, ...rest }: { label: ReactNode; hint?: ReactNode } & ComponentProps<typeof RadixSwitch.Root>) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-4">
      <label htmlFor={id} className="min-w-0">
        {label}
        {hint !== undefined && <span className="block text-small text-ink-3">{hint}</span>}
      </label>
      <RadixSwitch.Root
        id={id}
        {...rest}
        className="relative h-5 w-9 shrink-0 rounded-full border border-control-line bg-sunken transition-colors ease-fast data-[state=checked]:border-primary data-[state=checked]:bg-primary"
      >
        <RadixSwitch.Thumb className="block size-3.5 translate-x-[3px] rounded-full bg-idle-solid transition-transform ease-fast data-[state=checked]:translate-x-[18px] data-[state=checked]:bg-on-primary" />
      </RadixSwitch.Root>
    </div>
  );
}

/** What the server refused, on top of the form: the sentence, mistakes that belong to no field, code and request id. */
export function FormProblemNote({ problem }: { problem: FormProblem | null }) {
  const words = useWords();
  if (!problem) return null;
  const reference = problem.requestId ? words.errors.reference({ code: problem.code, requestId: problem.requestId }) : problem.code;
  return (
    <div role="alert" className="flex gap-2.5 rounded-control border border-bad-line bg-bad-bg px-3 py-2.5">
      <OctagonX className="mt-0.5 size-4 shrink-0 stroke-2 text-bad-ink" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="font-semibold">{problem.title}</p>
        {problem.detail !== undefined && <p>{problem.detail}</p>}
        {problem.rest.length > 0 && (
          <ul className="list-disc pl-4">
            {problem.rest.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )}
        <p className="flex flex-wrap items-center gap-1 text-small text-ink-2">
          <code className="wrap-anywhere">{reference}</code>
          <CopyButton value={reference} />
        </p>
      </div>
    </div>
  );
}
