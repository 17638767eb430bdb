"use client";

import { KeyRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { z } from "zod";
import { ChangeLimitsDialog } from "@/components/limits/change-limits-dialog";
import { LimitList } from "@/components/limits/limit-list";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardFoot, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { ClockTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { type Chip, CursorPaging, FilterChips } from "@/components/ui/table-tools";
import { call } from "@/lib/client/call";
import { changeGatewayKey, type GatewayKey as GatewayKeyShape, revokeGatewayKey } from "@/lib/domain/access/api";
import { CreateKeyDialog } from "./create-key-dialog";
import { KeyState } from "./key-state";
import { RevokeDialog } from "./revoke-dialog";
import { useDialog } from "./use-dialog";

type GatewayKey = z.infer<typeof GatewayKeyShape>;

type Props = {
  project: { slug: string; name: string; environments: readonly string[] };
  keys: readonly GatewayKey[];
  /** The environment that the page stands in, chosen first for a new key. */
  environment: string;
  chips: readonly Chip[];
  mayManage: boolean;
  admins: readonly string[];
  gatewayUrl: string;
  paging: { nextHref: string | null; firstHref: string | null; pageSize: number };
};

/** The applications' keys to the gateway, without the keys themselves. */
export function GatewayKeysCard({ project, keys, environment, chips, mayManage, admins, gatewayUrl, paging }: Props) {
  const words = useWords();
  const router = useRouter();
  const dialog = useDialog();
  const [limiting, setLimiting] = useState<GatewayKey | null>(null);
  const [leaving, setLeaving] = useState<GatewayKey | null>(null);
  const names: Readonly<Record<string, string>> = words.shell.environments;
  const refresh = () => router.refresh();
  const isFiltered = chips.some((chip) => chip.current);
  return (
    <Card>
      <CardHead
        title={words.access.gatewayKeys}
        sub={words.access.keysAbout}
        right={
          mayManage && (
            <Button variant="primary" icon={<KeyRound aria-hidden />} onClick={() => dialog.show("new")}>
              {words.access.createKey}
            </Button>
          )
        }
      />
      {(keys.length > 0 || isFiltered) && (
        <div className="px-4 pb-3 max-md:px-3.5">
          <FilterChips chips={chips} label={words.actions.filter} />
        </div>
      )}
      <DataTable
        caption={words.access.gatewayKeys}
        rows={keys}
        rowKey={(key) => key.id}
        phone="cards"
        instead={
          keys.length > 0 ? undefined : (
            <EmptyState title={isFiltered ? words.ui.emptyTable : words.access.noKeys}>
              {isFiltered ? words.ui.emptyTableDetail : words.access.noKeysAbout}
            </EmptyState>
          )
        }
        columns={[
          {
            id: "name",
            head: words.access.name,
            phone: "title",
            cell: (key) => (
              <>
                <b className="font-[550]">{key.name}</b>
                <CellNote>
                  <code>{key.hint}…</code>
                </CellNote>
              </>
            ),
          },
          { id: "environment", head: words.access.environment, cell: (key) => names[key.environment] ?? key.environment },
          { id: "team", head: words.access.team, cell: (key) => key.team ?? words.ui.none },
          { id: "limits", head: words.limits.title, cell: (key) => <LimitList limits={key.limits} /> },
          { id: "created", head: words.access.created, cell: (key) => <ClockTime at={key.createdAt} /> },
          {
            id: "expires",
            head: words.access.expires,
            cell: (key) => (key.expiresAt === null ? words.access.never : <ClockTime at={key.expiresAt} />),
          },
          { id: "state", head: words.access.state, phone: "corner", cell: (key) => <KeyState {...key} /> },
          ...(mayManage
            ? [
                {
                  id: "act",
                  head: <span className="sr-only">{words.access.acts}</span>,
                  phoneLabel: "\u00a0",
                  align: "right" as const,
                  cell: (key: GatewayKey) =>
                    key.revokedAt === null && (
                      <span className="inline-flex gap-2">
                        <Button size="sm" aria-label={words.limits.changeOf({ name: key.name })} onClick={() => setLimiting(key)}>
                          {words.limits.title}
                        </Button>
                        <Button size="sm" aria-label={words.access.revokeOf({ name: key.name })} onClick={() => setLeaving(key)}>
                          {words.access.revoke}
                        </Button>
                      </span>
                    ),
                },
              ]
            : []),
        ]}
      />
      {(paging.nextHref !== null || paging.firstHref !== null) && <CursorPaging shown={keys.length} {...paging} />}
      {!mayManage && (
        <CardFoot>
          {words.access.keysLocked} {words.errors.whoHasRole({ project: project.name, people: admins.join(", ") })}
        </CardFoot>
      )}
      {mayManage && dialog.open === "new" && (
        <CreateKeyDialog
          project={project}
          environment={environment}
          gatewayUrl={gatewayUrl}
          onDone={refresh}
          onClose={() => dialog.show(null)}
        />
      )}
      {limiting !== null && (
        <ChangeLimitsDialog
          name={limiting.name}
          about={words.limits.keyAbout}
          limits={limiting.limits}
          onClose={() => setLimiting(null)}
          onDone={refresh}
          save={(limits) =>
            call(changeGatewayKey, {
              project: project.slug,
              params: { id: limiting.id },
              body: { limits },
              ifMatch: String(limiting.version),
            })
          }
        />
      )}
      {leaving !== null && (
        <RevokeDialog
          name={leaving.name}
          effect={words.access.revokeKeyEffect}
          onClose={() => setLeaving(null)}
          onDone={refresh}
          revoke={() => call(revokeGatewayKey, { project: project.slug, params: { id: leaving.id } })}
        />
      )}
    </Card>
  );
}
