"use client";

import { useState } from "react";
import { ChangeLimitsDialog } from "@/components/limits/change-limits-dialog";
import { LimitList } from "@/components/limits/limit-list";
import { mayAct, neededRole, type Scope } from "@/components/overview/scope";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardFoot, CardHead } from "@/components/ui/card";
import { call } from "@/lib/client/call";
import { changeEndpoint, type Endpoint } from "@/lib/domain/endpoints/api";

type Props = { scope: Scope; endpoint: Endpoint; onDone: () => void };

/** What all callers of an endpoint together may send. */
export function LimitsCard({ scope, endpoint, onDone }: Props) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const text = words.limits;
  const may = mayAct(scope, "release:write");
  return (
    <Card>
      <CardHead
        title={text.title}
        sub={text.endpointSub}
        right={
          may && (
            <Button size="sm" aria-label={text.changeOf({ name: endpoint.name })} onClick={() => setOpen(true)}>
              {text.change}
            </Button>
          )
        }
      />
      <CardBody>
        <LimitList limits={endpoint.limits} />
      </CardBody>
      {!may && <CardFoot>{text.needsRole({ role: words.nouns.roles[neededRole("release:write")] })}</CardFoot>}
      {open && (
        <ChangeLimitsDialog
          name={endpoint.name}
          about={text.endpointAbout}
          limits={endpoint.limits}
          onClose={() => setOpen(false)}
          onDone={onDone}
          save={(limits) =>
            call(changeEndpoint, {
              project: scope.project,
              params: { name: endpoint.name },
              body: { environment: scope.environment, limits },
              ifMatch: String(endpoint.version),
            })
          }
        />
      )}
    </Card>
  );
}
