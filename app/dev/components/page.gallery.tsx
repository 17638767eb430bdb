import { connection } from "next/server";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHead } from "@/components/ui/card";
import { Page, PageHeader } from "@/components/ui/page-header";
import { StateBadge } from "@/components/ui/state-badge";
import { type StateName, stateLook } from "@/components/ui/state-look";

export default async function ComponentsPage() {
  await connection();
  return (
    <Page>
      <PageHeader title="Components">Every state that a page can be in, on the same tokens.</PageHeader>
      <Card>
        <CardHead title="Buttons" sub="one primary a page" />
        <CardBody className="flex flex-wrap gap-2">
          <Button variant="primary">New rollout</Button>
          <Button>Pause</Button>
          <Button variant="danger">Roll back now</Button> 되돌리기 한글
        </CardBody>
      </Card>
      <Card>
        <CardHead title="States" />
        <CardBody className="flex flex-wrap gap-2">
          {(Object.keys(stateLook) as StateName[]).map((s) => (
            <StateBadge key={s} state={s} />
          ))}
        </CardBody>
      </Card>
    </Page>
  );
}
