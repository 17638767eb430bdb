-- One control and up to four treatments, each a row; before, an experiment had one of each in columns of its own.
-- CreateTable
CREATE TABLE "experiment_arm" (
    "experiment_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "release_id" TEXT NOT NULL,
    "variant_id" TEXT,
    "share_bps" INTEGER NOT NULL,

    CONSTRAINT "experiment_arm_pkey" PRIMARY KEY ("experiment_id","position")
);

-- CreateTable
CREATE TABLE "experiment_point_treatment" (
    "experiment_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "treatment" TEXT NOT NULL,
    "subjects" INTEGER NOT NULL,
    "lift_ratio" DOUBLE PRECISION,
    "lift_low" DOUBLE PRECISION,
    "lift_high" DOUBLE PRECISION,
    "p_value" DOUBLE PRECISION,

    CONSTRAINT "experiment_point_treatment_pkey" PRIMARY KEY ("experiment_id","at","treatment")
);

-- CreateIndex
CREATE INDEX "experiment_arm_release_id_idx" ON "experiment_arm"("release_id");

-- AddForeignKey
ALTER TABLE "experiment_arm" ADD CONSTRAINT "experiment_arm_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_arm" ADD CONSTRAINT "experiment_arm_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_arm" ADD CONSTRAINT "experiment_arm_variant_id_fkey" FOREIGN KEY ("variant_id") REFERENCES "release_variant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_point_treatment" ADD CONSTRAINT "experiment_point_treatment_experiment_id_at_fkey" FOREIGN KEY ("experiment_id", "at") REFERENCES "experiment_point"("experiment_id", "at") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── what was in columns ─────────────────────────────────────────────────────────────────────────────────────────────

INSERT INTO "experiment_arm" ("experiment_id", "position", "key", "release_id", "variant_id", "share_bps")
SELECT "id", 0, 'control', "control_release_id", "control_variant_id", "control_bps" FROM "experiment"
UNION ALL SELECT "id", 1, 'treatment', "treatment_release_id", "treatment_variant_id", "treatment_bps" FROM "experiment";

INSERT INTO "experiment_point_treatment" ("experiment_id", "at", "treatment", "subjects", "lift_ratio", "lift_low", "lift_high", "p_value")
SELECT "experiment_id", "at", 'treatment', "treatment_subjects", "lift_ratio", "lift_low", "lift_high", "p_value" FROM "experiment_point";

DROP TRIGGER experiment_arms_of_its_own ON "experiment";
DROP FUNCTION check_experiment_arms();
ALTER TABLE "experiment" DROP CONSTRAINT "experiment_shares", DROP CONSTRAINT "experiment_two_arms";

CREATE OR REPLACE FUNCTION check_experiment_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."state" = 'concluded' THEN
    RAISE EXCEPTION 'experiment % is concluded', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."epoch" <> OLD."epoch" + 1 THEN
    RAISE EXCEPTION 'experiment % moves from epoch % to % at once', OLD."id", OLD."epoch", NEW."epoch" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."state" <> OLD."state" AND NOT (NEW."state" = ANY (CASE OLD."state"
    WHEN 'draft' THEN ARRAY['running']
    WHEN 'running' THEN ARRAY['stopped', 'concluded']
    WHEN 'stopped' THEN ARRAY['concluded']
    ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'experiment % cannot go from % to %', OLD."id", OLD."state", NEW."state" USING ERRCODE = 'restrict_violation';
  END IF;
  IF OLD."state" <> 'draft' AND (NEW."name", NEW."hypothesis", NEW."metric", NEW."others", NEW."plan", NEW."plan_digest", NEW."started_at", NEW."endpoint_id")
    IS DISTINCT FROM (OLD."name", OLD."hypothesis", OLD."metric", OLD."others", OLD."plan", OLD."plan_digest", OLD."started_at", OLD."endpoint_id") THEN
    RAISE EXCEPTION 'the plan of experiment % is frozen', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

-- DropForeignKey
ALTER TABLE "experiment" DROP CONSTRAINT "experiment_control_release_id_fkey";

-- DropForeignKey
ALTER TABLE "experiment" DROP CONSTRAINT "experiment_control_variant_id_fkey";

-- DropForeignKey
ALTER TABLE "experiment" DROP CONSTRAINT "experiment_treatment_release_id_fkey";

-- DropForeignKey
ALTER TABLE "experiment" DROP CONSTRAINT "experiment_treatment_variant_id_fkey";

-- AlterTable
ALTER TABLE "experiment" DROP COLUMN "control_bps",
DROP COLUMN "control_release_id",
DROP COLUMN "control_variant_id",
DROP COLUMN "treatment_bps",
DROP COLUMN "treatment_release_id",
DROP COLUMN "treatment_variant_id";

-- AlterTable
ALTER TABLE "experiment_point" DROP COLUMN "lift_high",
DROP COLUMN "lift_low",
DROP COLUMN "lift_ratio",
DROP COLUMN "p_value",
DROP COLUMN "treatment_subjects";

-- ── what Prisma cannot say ──────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE "experiment_arm" ADD CONSTRAINT "experiment_arm_key" CHECK
  ("position" BETWEEN 0 AND 4 AND "key" = CASE "position" WHEN 0 THEN 'control' WHEN 1 THEN 'treatment' ELSE 'treatment_' || "position" END);
ALTER TABLE "experiment_arm" ADD CONSTRAINT "experiment_arm_share" CHECK ("share_bps" BETWEEN 1 AND 9999);
ALTER TABLE "experiment_point_treatment" ADD CONSTRAINT "experiment_point_treatment_known" CHECK
  ("treatment" IN ('treatment', 'treatment_2', 'treatment_3', 'treatment_4'));
CREATE TRIGGER experiment_point_treatment_immutable BEFORE UPDATE ON "experiment_point_treatment" FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Arms are as frozen as the plan that they are part of. Without its experiment an arm goes with it.
CREATE FUNCTION check_experiment_arm_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM "experiment" WHERE "id" = COALESCE(NEW."experiment_id", OLD."experiment_id") AND "state" <> 'draft') THEN
    RAISE EXCEPTION 'the plan of experiment % is frozen', COALESCE(NEW."experiment_id", OLD."experiment_id") USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER experiment_arm_frozen BEFORE INSERT OR UPDATE OR DELETE ON "experiment_arm" FOR EACH ROW EXECUTE FUNCTION check_experiment_arm_change();

-- What only all arms together can say, looked at when the transaction ends: a control and treatments in order, releases of the endpoint, variants of
-- their releases, shares of at most all; all arms differ, and those of an A/A test are the same thing.
CREATE FUNCTION check_experiment_arms() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  which text := CASE TG_TABLE_NAME WHEN 'experiment' THEN to_jsonb(NEW)->>'id' ELSE COALESCE(to_jsonb(NEW), to_jsonb(OLD))->>'experiment_id' END;
  planned "experiment"%ROWTYPE;
  arms integer;
  kinds integer;
  last integer;
  shares integer;
BEGIN
  SELECT * INTO planned FROM "experiment" WHERE "id" = which;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT count(*), count(DISTINCT ("release_id", "variant_id")), max("position"), sum("share_bps") INTO arms, kinds, last, shares
    FROM "experiment_arm" WHERE "experiment_id" = which;
  IF arms < 2 OR last <> arms - 1 THEN
    RAISE EXCEPTION 'experiment % has no control with treatments in order', which USING ERRCODE = 'restrict_violation';
  END IF;
  IF shares > 10000 THEN
    RAISE EXCEPTION 'the shares of experiment % are more than all', which USING ERRCODE = 'restrict_violation';
  END IF;
  IF kinds <> (CASE WHEN COALESCE((planned."plan"->>'isAa')::boolean, false) THEN 1 ELSE arms END) THEN
    RAISE EXCEPTION 'arms of experiment % are the same, or those of an A/A test are not', which USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM "experiment_arm" a JOIN "release" r ON r."id" = a."release_id"
      WHERE a."experiment_id" = which AND r."endpoint_id" <> planned."endpoint_id") THEN
    RAISE EXCEPTION 'the releases of experiment % are not of its endpoint', which USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM "experiment_arm" a JOIN "release_variant" v ON v."id" = a."variant_id"
      WHERE a."experiment_id" = which AND v."release_id" <> a."release_id") THEN
    RAISE EXCEPTION 'a variant of experiment % is not of its release', which USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER experiment_arms_whole AFTER INSERT OR UPDATE OR DELETE ON "experiment_arm"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_experiment_arms();
CREATE CONSTRAINT TRIGGER experiment_has_its_arms AFTER INSERT OR UPDATE OF "plan", "endpoint_id" ON "experiment"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_experiment_arms();
