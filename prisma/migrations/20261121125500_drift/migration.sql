-- CreateTable
CREATE TABLE "drift_monitor" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "environment_name" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "release_id" TEXT,
    "next_run_at" TIMESTAMPTZ(3),
    "last_run_number" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "drift_monitor_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "drift_run" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "monitor_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "trigger" TEXT NOT NULL,
    "requested_by" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "release_id" TEXT,
    "reference_from" TIMESTAMPTZ(3) NOT NULL,
    "reference_to" TIMESTAMPTZ(3) NOT NULL,
    "current_from" TIMESTAMPTZ(3) NOT NULL,
    "current_to" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "deadline_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "failure" TEXT,

    CONSTRAINT "drift_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "drift_report" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "monitor_id" TEXT NOT NULL,
    "run_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "verdict" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "content" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "drift_report_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "drift_monitor_next_run_at_idx" ON "drift_monitor"("next_run_at");

-- CreateIndex
CREATE UNIQUE INDEX "drift_monitor_project_id_environment_name_name_key" ON "drift_monitor"("project_id", "environment_name", "name");

-- CreateIndex
CREATE UNIQUE INDEX "drift_run_monitor_id_number_key" ON "drift_run"("monitor_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "drift_report_run_id_key" ON "drift_report"("run_id");

-- CreateIndex
CREATE INDEX "drift_report_project_id_id_idx" ON "drift_report"("project_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "drift_report_monitor_id_number_key" ON "drift_report"("monitor_id", "number");

-- AddForeignKey
ALTER TABLE "drift_monitor" ADD CONSTRAINT "drift_monitor_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "drift_monitor" ADD CONSTRAINT "drift_monitor_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "drift_run" ADD CONSTRAINT "drift_run_monitor_id_fkey" FOREIGN KEY ("monitor_id") REFERENCES "drift_monitor"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "drift_report" ADD CONSTRAINT "drift_report_monitor_id_fkey" FOREIGN KEY ("monitor_id") REFERENCES "drift_monitor"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "drift_report" ADD CONSTRAINT "drift_report_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "drift_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "drift_monitor" ADD CONSTRAINT "drift_monitor_counts_up" CHECK ("last_run_number" >= 0 AND "version" > 0);

-- One open run a monitor: whoever comes second, the schedule or a person, is told so.
CREATE UNIQUE INDEX "drift_run_one_open" ON "drift_run" ("monitor_id") WHERE "state" IN ('queued', 'running');
CREATE INDEX "drift_run_open" ON "drift_run" ("deadline_at") WHERE "state" IN ('queued', 'running');

ALTER TABLE "drift_run" ADD CONSTRAINT "drift_run_state_known" CHECK ("state" IN ('queued', 'running', 'done', 'failed'));
ALTER TABLE "drift_run" ADD CONSTRAINT "drift_run_trigger_known" CHECK ("trigger" IN ('schedule', 'person'));
ALTER TABLE "drift_run" ADD CONSTRAINT "drift_run_ends_once" CHECK (("state" IN ('done', 'failed')) = ("ended_at" IS NOT NULL));
-- Every waiting state has a deadline.
ALTER TABLE "drift_run" ADD CONSTRAINT "drift_run_waits_with_deadline" CHECK ("ended_at" IS NOT NULL OR "deadline_at" IS NOT NULL);
ALTER TABLE "drift_run" ADD CONSTRAINT "drift_run_failure_said" CHECK (("state" = 'failed') = ("failure" IS NOT NULL));
ALTER TABLE "drift_run" ADD CONSTRAINT "drift_run_windows_apart"
  CHECK ("reference_from" < "reference_to" AND "reference_to" <= "current_from" AND "current_from" < "current_to");

ALTER TABLE "drift_report" ADD CONSTRAINT "drift_report_verdict_known" CHECK ("verdict" IN ('stable', 'too_few', 'shifted', 'drifted'));

-- An ended run absorbs; a change of the state takes the next epoch; what the run reads is fixed.
CREATE FUNCTION check_drift_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."state" IN ('done', 'failed') THEN
    RAISE EXCEPTION 'drift run % is over (%)', OLD."id", OLD."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."epoch" <> OLD."epoch" + 1 AND (NEW."epoch" <> OLD."epoch" OR NEW."state" <> OLD."state") THEN
    RAISE EXCEPTION 'drift run % goes from epoch % to %', OLD."id", OLD."epoch", NEW."epoch" USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD."state" = 'queued' AND NEW."state" = 'done' THEN
    RAISE EXCEPTION 'drift run % cannot be done before it ran', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF (NEW."settings", NEW."release_id", NEW."reference_from", NEW."reference_to", NEW."current_from", NEW."current_to", NEW."created_at")
     IS DISTINCT FROM
     (OLD."settings", OLD."release_id", OLD."reference_from", OLD."reference_to", OLD."current_from", OLD."current_to", OLD."created_at") THEN
    RAISE EXCEPTION 'what drift run % reads is fixed', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER drift_run_move_legal BEFORE UPDATE ON "drift_run" FOR EACH ROW EXECUTE FUNCTION check_drift_run();

-- A report never changes. It goes only with its monitor.
CREATE FUNCTION refuse_drift_report_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'drift report % is immutable', OLD."id" USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER drift_report_immutable BEFORE UPDATE ON "drift_report" FOR EACH ROW EXECUTE FUNCTION refuse_drift_report_change();
