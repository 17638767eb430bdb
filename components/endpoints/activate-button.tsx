"use client";

import { Play } from "lucide-react";
import { useState } from "react";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useAnnounce } from "@/components/shell/announce";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useToast } from "@/components/ui/toast";
import { call } from "@/lib/client/call";
import { activateRelease } from "@/lib/domain/endpoints/api";

type Props = {
  scope: Scope;
  endpoint: string /** The first release; null when there is none. */;
  release: number | null;
  onDone: () => void;
};

/** Gives the first release all traffic of an endpoint that serves nothing yet. */
export function ActivateButton({ scope, endpoint, release, onDone }: Props) {
  const words = useWords();
  const toast = useToast();
  const announce = useAnnounce();
  const [open, setOpen] = useState(false);
  const text = words.endpoints.start;
  const may = mayAct(scope, "release:write");
  const name = words.endpoints.release({ number: release ?? 1 });
  const why =
    release === null ? text.needsRelease : words.rollouts.controls.needsRole({ role: words.nouns.roles[neededRole("release:write")] });
  const isPossible = may && release !== null;
  return (
    <>
      <Button
        variant="primary"
        icon={<Play aria-hidden />}
        disabled={!isPossible}
        title={isPossible ? undefined : why}
        aria-describedby={isPossible ? undefined : "why-not-activate"}
        onClick={() => setOpen(true)}
      >
        {text.activate({ release: name })}
      </Button>
      {!isPossible && (
        <span id="why-not-activate" className="sr-only">
          {why}
        </span>
      )}
      {release !== null && (
        <ConfirmDialog
          open={open}
          onOpenChange={setOpen}
          title={text.activateTitle({ endpoint, release: name })}
          effect={text.activateEffect}
          after={[{ name, share: 1, tone: "control" }]}
          reason={{ min: 3 }}
          confirmLabel={text.activate({ release: name })}
          busyLabel={text.activating}
          onConfirm={async (reason) => {
            const answer = await call(activateRelease, {
              project: scope.project,
              params: { name: endpoint, number: release },
              body: { environment: scope.environment, reason },
            });
            if (!answer.ok) return answer;
            announce(text.activated({ endpoint, release: name }));
            toast({ title: text.activated({ endpoint, release: name }), detail: text.activatedDetail });
            onDone();
            return { ok: true };
          }}
        />
      )}
    </>
  );
}
