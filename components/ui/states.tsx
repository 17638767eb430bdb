"use client";

import { Lock, OctagonX, RefreshCw } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { useWords } from "@/components/shell/words-provider";
import { Button, ButtonLink } from "./button";
import { cn } from "./cn";
import { CopyField } from "./copy-field";

const frame = "flex min-h-[216px] flex-col items-start justify-center gap-2 p-4";

type EmptyProps = {
  title: string;
  /** One sentence on what the thing is for. */
  children: ReactNode;
  /** Filled with real names of this project where they exist. */
  command?: string;
  action?: { label: string; href: string };
  link?: { label: string; href: string };
  className?: string;
};

/** Teaches the next step: what it is for, the command, one button, one link. */
export function EmptyState({ title, children, command, action, link, className }: EmptyProps) {
  return (
    <div className={cn(frame, className)}>
      <p className="font-semibold">{title}</p>
      <div className="max-w-[72ch] text-ink-2">{children}</div>
      {command !== undefined && <CopyField value={command} className="w-full max-w-[720px]" />}
      {(action ?? link) && (
        <div className="flex flex-wrap items-center gap-2">
          {action && (
            <ButtonLink variant="primary" size="sm" href={action.href}>
              {action.label}
            </ButtonLink>
          )}
          {link && (
            <Link className="link text-small" href={link.href}>
              {link.label}
            </Link>
          )}
        </div>
      )}
    </div>
  );
}

type ErrorProps = {
  title: string;
  /** What happened and since when; that live traffic goes on is said by itself unless `children` replaces it. */
  children?: ReactNode;
  code?: string;
  requestId?: string;
  onRetry?: () => void;
  className?: string;
};

/** What could not be read, what still works, how to name it to others. */
export function ErrorState({ title, children, code, requestId, onRetry, className }: ErrorProps) {
  const words = useWords();
  return (
    <div role="alert" className={cn(frame, className)}>
      <p className="inline-flex items-start gap-1.5 font-medium text-bad-ink">
        <OctagonX className="mt-[3px] size-3.5 shrink-0 stroke-2" aria-hidden />
        {title}
      </p>
      <div className="max-w-[72ch] text-ink-2">{children ?? words.errors.trafficSafe}</div>
      {(onRetry ?? code) && (
        <div className="flex flex-wrap items-center gap-2">
          {onRetry && (
            <Button size="sm" icon={<RefreshCw aria-hidden />} onClick={onRetry}>
              {words.actions.retry}
            </Button>
          )}
          {code !== undefined && <ProblemReference code={code} requestId={requestId} />}
        </div>
      )}
    </div>
  );
}

/** The code and the request id, to be given to whoever reads the logs. */
export function ProblemReference({ code, requestId }: { code: string; requestId?: string }) {
  const words = useWords();
  return (
    <span className="text-small text-ink-3">
      <code>{code}</code>
      {requestId !== undefined && (
        <>
          , {words.errors.request} <code className="wrap-anywhere">{requestId}</code>
        </>
      )}
    </span>
  );
}

type NoPermissionProps = {
  act: string;
  neededRole: string;
  project: string;
  people: readonly string[];
  read?: boolean;
  className?: string;
};

/** Names the role that is needed and who has it. */
export function NoPermission({ act, neededRole, project, people, read = false, className }: NoPermissionProps) {
  const words = useWords();
  return (
    <div className={cn(frame, className)}>
      <p className="inline-flex items-center gap-1.5 font-medium text-ink-2">
        <Lock className="size-3.5 shrink-0 stroke-2" aria-hidden />
        {read ? words.errors.noPermissionRead : words.errors.noPermission}
      </p>
      <p className="max-w-[72ch] text-ink-2">
        {words.errors.needsRole({ act, role: neededRole })}{" "}
        {people.length > 0 ? words.errors.whoHasRole({ project, people: people.join(", ") }) : words.errors.nobodyHasRole({ project })}
      </p>
    </div>
  );
}
