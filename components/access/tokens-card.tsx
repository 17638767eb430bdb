"use client";

import { KeyRound } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { z } from "zod";
import { useWords } from "@/components/shell/words-provider";
import { Button } from "@/components/ui/button";
import { Card, CardFoot, CardHead } from "@/components/ui/card";
import { CellNote, DataTable } from "@/components/ui/data-table";
import { ClockTime, RelativeTime } from "@/components/ui/relative-time";
import { EmptyState } from "@/components/ui/states";
import { CursorPaging } from "@/components/ui/table-tools";
import { call } from "@/lib/client/call";
import { type ApiToken as ApiTokenShape, revokeToken } from "@/lib/domain/access/api";
import { CreateTokenDialog } from "./create-token-dialog";
import { KeyState } from "./key-state";
import { RevokeDialog } from "./revoke-dialog";
import { useDialog } from "./use-dialog";

type ApiToken = z.infer<typeof ApiTokenShape>;

type Props = {
  project: { slug: string; name: string };
  tokens: readonly ApiToken[];
  mayManage: boolean;
  admins: readonly string[];
  webUrl: string;
  paging: { nextHref: string | null; firstHref: string | null; pageSize: number };
};

/** The project's API tokens, without the tokens themselves. */
export function TokensCard({ project, tokens, mayManage, admins, webUrl, paging }: Props) {
  const words = useWords();
  const router = useRouter();
  const dialog = useDialog();
  const [leaving, setLeaving] = useState<ApiToken | null>(null);
  const refresh = () => router.refresh();
  return (
    <Card>
      <CardHead
        title={words.access.tokens}
        sub={words.access.tokensAbout}
        right={
          mayManage && (
            <Button variant="primary" icon={<KeyRound aria-hidden />} onClick={() => dialog.show("new")}>
              {words.access.createToken}
            </Button>
          )
        }
      />
      <DataTable
        caption={words.access.tokens}
        rows={tokens}
        rowKey={(token) => token.id}
        phone="cards"
        instead={
          tokens.length > 0 ? undefined : (
            <EmptyState title={words.access.noTokens} link={{ label: words.shell.nav.docs, href: "/docs/api" }}>
              {words.access.noTokensAbout}
            </EmptyState>
          )
        }
        columns={[
          {
            id: "name",
            head: words.access.name,
            phone: "title",
            cell: (token) => (
              <>
                <b className="font-[550]">{token.name}</b>
                <CellNote>
                  <code>{token.hint}…</code> · {token.createdBy}
                </CellNote>
              </>
            ),
          },
          {
            id: "scopes",
            head: words.access.scopes,
            phone: "wide",
            cell: (token) => <span className="font-mono text-[12px]/[18px] text-ink-2">{token.scopes.join(", ")}</span>,
          },
          {
            id: "used",
            head: words.access.lastUsed,
            cell: (token) => (token.lastUsedAt === null ? words.access.never : <RelativeTime at={token.lastUsedAt} />),
          },
          {
            id: "expires",
            head: words.access.expires,
            cell: (token) => (token.expiresAt === null ? words.access.never : <ClockTime at={token.expiresAt} />),
          },
          { id: "state", head: words.access.state, phone: "corner", cell: (token) => <KeyState {...token} /> },
          ...(mayManage
            ? [
                {
                  id: "act",
                  head: <span className="sr-only">{words.access.acts}</span>,
                  phoneLabel: "\u00a0",
                  align: "right" as const,
                  cell: (token: ApiToken) =>
                    token.revokedAt === null && (
                      <Button size="sm" aria-label={words.access.revokeOf({ name: token.name })} onClick={() => setLeaving(token)}>
                        {words.access.revoke}
                      </Button>
                    ),
                },
              ]
            : []),
        ]}
      />
      {(paging.nextHref !== null || paging.firstHref !== null) && <CursorPaging shown={tokens.length} {...paging} />}
      {!mayManage && (
        <CardFoot>
          {words.access.tokensLocked} {words.errors.whoHasRole({ project: project.name, people: admins.join(", ") })}
        </CardFoot>
      )}
      {mayManage && dialog.open === "new" && (
        <CreateTokenDialog project={project.slug} webUrl={webUrl} onDone={refresh} onClose={() => dialog.show(null)} />
      )}
      {leaving !== null && (
        <RevokeDialog
          name={leaving.name}
          effect={words.access.revokeEffect}
          onClose={() => setLeaving(null)}
          onDone={refresh}
          revoke={() => call(revokeToken, { project: project.slug, params: { id: leaving.id } })}
        />
      )}
    </Card>
  );
}
