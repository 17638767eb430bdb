-- CreateTable
CREATE TABLE "budget" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "environment_name" TEXT NOT NULL,
    "endpoint_id" TEXT,
    "name" TEXT NOT NULL,
    "limit_nano" BIGINT NOT NULL,
    "zone" TEXT NOT NULL,
    "thresholds_bps" INTEGER[],
    "action" TEXT NOT NULL,
    "when_unknown" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "archived_at" TIMESTAMPTZ(3),

    CONSTRAINT "budget_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_window" (
    "budget_id" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "limit_nano" BIGINT NOT NULL,
    "settled_nano" BIGINT NOT NULL DEFAULT 0,
    "held_nano" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "budget_window_pkey" PRIMARY KEY ("budget_id","starts_at")
);

-- CreateTable
CREATE TABLE "budget_lease" (
    "id" TEXT NOT NULL,
    "budget_id" TEXT NOT NULL,
    "window_starts_at" TIMESTAMPTZ(3) NOT NULL,
    "gateway_id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "after_sequence" BIGINT NOT NULL,
    "boot_sequence" BIGINT NOT NULL,
    "ask_number" INTEGER NOT NULL,
    "granted_nano" BIGINT NOT NULL,
    "settled_nano" BIGINT NOT NULL DEFAULT 0,
    "state" TEXT NOT NULL,
    "granted_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "budget_lease_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_crossing" (
    "budget_id" TEXT NOT NULL,
    "window_starts_at" TIMESTAMPTZ(3) NOT NULL,
    "threshold_bps" INTEGER NOT NULL,
    "settled_nano" BIGINT NOT NULL,
    "limit_nano" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "budget_crossing_pkey" PRIMARY KEY ("budget_id","window_starts_at","threshold_bps")
);

-- CreateIndex
CREATE INDEX "budget_project_id_environment_name_idx" ON "budget"("project_id", "environment_name");

-- CreateIndex
CREATE INDEX "budget_lease_gateway_id_idx" ON "budget_lease"("gateway_id");

-- CreateIndex
CREATE UNIQUE INDEX "budget_lease_budget_id_window_starts_at_gateway_id_boot_id_key" ON "budget_lease"("budget_id", "window_starts_at", "gateway_id", "boot_id");

-- AddForeignKey
ALTER TABLE "budget" ADD CONSTRAINT "budget_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget" ADD CONSTRAINT "budget_project_id_environment_name_fkey" FOREIGN KEY ("project_id", "environment_name") REFERENCES "environment"("project_id", "name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget" ADD CONSTRAINT "budget_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_window" ADD CONSTRAINT "budget_window_budget_id_fkey" FOREIGN KEY ("budget_id") REFERENCES "budget"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_lease" ADD CONSTRAINT "budget_lease_budget_id_window_starts_at_fkey" FOREIGN KEY ("budget_id", "window_starts_at") REFERENCES "budget_window"("budget_id", "starts_at") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "budget_crossing" ADD CONSTRAINT "budget_crossing_budget_id_window_starts_at_fkey" FOREIGN KEY ("budget_id", "window_starts_at") REFERENCES "budget_window"("budget_id", "starts_at") ON DELETE CASCADE ON UPDATE CASCADE;

-- A name is free again when its budget is archived.
CREATE UNIQUE INDEX "budget_name" ON "budget" ("project_id", "environment_name", "name") WHERE "archived_at" IS NULL;

ALTER TABLE "budget" ADD CONSTRAINT "budget_limit_above_nothing" CHECK ("limit_nano" > 0);
ALTER TABLE "budget" ADD CONSTRAINT "budget_action_known" CHECK ("action" IN ('notify', 'block'));
ALTER TABLE "budget" ADD CONSTRAINT "budget_when_unknown_known" CHECK ("when_unknown" IN ('refuse', 'allow'));
ALTER TABLE "budget_window" ADD CONSTRAINT "budget_window_is_a_span" CHECK ("starts_at" < "ends_at");
ALTER TABLE "budget_window" ADD CONSTRAINT "budget_window_amounts" CHECK ("limit_nano" > 0 AND "settled_nano" >= 0 AND "held_nano" >= 0);
ALTER TABLE "budget_lease" ADD CONSTRAINT "budget_lease_amounts" CHECK ("granted_nano" >= 0 AND "settled_nano" >= 0 AND "after_sequence" >= 0);
ALTER TABLE "budget_lease" ADD CONSTRAINT "budget_lease_state_known" CHECK ("state" IN ('active', 'expired', 'returned'));
-- What is returned holds nothing.
ALTER TABLE "budget_lease" ADD CONSTRAINT "budget_lease_returned_whole" CHECK ("state" <> 'returned' OR "granted_nano" <= "settled_nano");

-- Windows of one budget follow each other; a budget stays what it was made for.
CREATE FUNCTION check_budget_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."project_id" <> OLD."project_id" OR NEW."environment_name" <> OLD."environment_name"
    OR NEW."endpoint_id" IS DISTINCT FROM OLD."endpoint_id" OR NEW."zone" <> OLD."zone" THEN
    RAISE EXCEPTION 'the scope and zone of budget % are frozen', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD."archived_at" IS NOT NULL THEN
    RAISE EXCEPTION 'budget % is archived', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER budget_stays_itself BEFORE UPDATE ON "budget" FOR EACH ROW EXECUTE FUNCTION check_budget_change();
