"use client";

import { Check, Info, OctagonX, TriangleAlert, X } from "lucide-react";
import Link from "next/link";
import { Toast } from "radix-ui";
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";
import { useWords } from "@/components/shell/words-provider";
import { cn } from "./cn";
import { dotTone } from "./state-look";

export type ToastMessage = {
  tone?: "good" | "bad" | "hold" | "idle";
  /** The outcome in one sentence. */
  title: string;
  detail?: string;
  /** One link or one act, such as the undo. */
  action?: { label: string; href: string } | { label: string; onClick: () => void };
};

type Shown = ToastMessage & { id: number; open: boolean };
const ToastContext = createContext<(message: ToastMessage) => void>(() => {});
const icons = { good: Check, bad: OctagonX, hold: TriangleAlert, idle: Info } as const;
const shownMs = 6000;

/** Bottom right, on a phone at the top. Success leaves after 6 s and is announced politely; an error is assertive and stays until closed. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Shown[]>([]);
  const nextId = useRef(0);
  const show = useCallback((message: ToastMessage) => {
    nextId.current += 1;
    const id = nextId.current;
    setToasts((before) => [...before.filter((toast) => toast.open).slice(-3), { ...message, id, open: true }]);
  }, []);
  const close = (id: number) => setToasts((before) => before.map((toast) => (toast.id === id ? { ...toast, open: false } : toast)));

  return (
    <ToastContext value={show}>
      <Toast.Provider swipeDirection="right">
        {children}
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} onClose={() => close(toast.id)} />
        ))}
        <Toast.Viewport className="fixed right-0 bottom-0 z-50 flex w-[min(440px,100vw)] flex-col gap-2.5 p-4 outline-none max-md:top-0 max-md:bottom-auto" />
      </Toast.Provider>
    </ToastContext>
  );
}

function ToastCard({ toast, onClose }: { toast: Shown; onClose: () => void }) {
  const words = useWords();
  const tone = toast.tone ?? "good";
  return (
    <Toast.Root
      open={toast.open}
      onOpenChange={(open) => !open && onClose()}
      type={tone === "bad" ? "foreground" : "background"}
      data-toast={tone}
      duration={tone === "bad" ? Number.POSITIVE_INFINITY : shownMs}
      className="dialog-in list-none rounded-card bg-raised"
    >
      <ToastFrame {...toast}>
        {toast.action && (
          <Toast.Action asChild altText={toast.action.label}>
            {"href" in toast.action ? (
              <Link href={toast.action.href} className="link whitespace-nowrap">
                {toast.action.label}
              </Link>
            ) : (
              <button type="button" onClick={toast.action.onClick} className="link whitespace-nowrap">
                {toast.action.label}
              </button>
            )}
          </Toast.Action>
        )}
        <Toast.Close aria-label={words.actions.close} className="mt-0.5 rounded-mark text-ink-3 hover:text-ink">
          <X className="size-4" aria-hidden />
        </Toast.Close>
      </ToastFrame>
    </Toast.Root>
  );
}

/** The look alone. */
export function ToastFrame({ tone = "good", title, detail, children }: ToastMessage & { children?: ReactNode }) {
  const Icon = icons[tone];
  return (
    <div className="flex w-full items-start gap-2.5 rounded-card border border-line bg-raised px-3 py-[11px] shadow-pop">
      <Icon className={cn("mt-0.5 size-4 shrink-0 stroke-2", dotTone[tone])} aria-hidden />
      <p className="min-w-0 flex-1">
        <b>{title}</b> {detail !== undefined && <span className="text-ink-2">{detail}</span>}
      </p>
      {children}
    </div>
  );
}

/** `toast({ title: "Paused at 25 %.", action: { label: "Resume", onClick } })` */
export function useToast(): (message: ToastMessage) => void {
  return useContext(ToastContext);
}
