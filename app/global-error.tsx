"use client";

import { getWords, resolveLocale } from "@/lib/core/words";
import "./globals.css";

/** Stands in for the root layout when that itself failed, so it uses nothing that the layout provides. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const locale = resolveLocale(null, typeof navigator === "undefined" ? null : navigator.language);
  const words = getWords(locale);
  return (
    <html lang={locale}>
      <body>
        <main className="mx-auto max-w-[560px] px-4 py-16">
          <h1 className="mb-2 text-h1">{words.errors.pageTitle}</h1>
          <p className="mb-4 text-body">{words.errors.globalDetail}</p>
          {error.digest !== undefined && (
            <p className="mb-4 text-small">
              <code>{error.digest}</code>
            </p>
          )}
          <button type="button" onClick={reset} className="h-8 rounded-control border px-3">
            {words.actions.retry}
          </button>
        </main>
      </body>
    </html>
  );
}
