"use client";

import { PlainPage } from "@/components/shell/plain-page";
import { useWords } from "@/components/shell/words-provider";
import { ErrorState } from "@/components/ui/states";

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const words = useWords();
  return (
    <PlainPage title={words.errors.pageTitle} wide>
      <ErrorState title={words.errors.pageDetail} code="internal" requestId={error.digest} onRetry={reset} className="min-h-0 p-0">
        {words.errors.unknown}
      </ErrorState>
    </PlainPage>
  );
}
