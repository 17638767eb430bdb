-- A layer: experiments of one environment, on whatever endpoints, of which a subject is in at most one.
-- AlterTable
ALTER TABLE "experiment" ADD COLUMN "layer_bps" INTEGER,
ADD COLUMN "layer_id" TEXT;

-- CreateTable
CREATE TABLE "experiment_layer" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "environment_name" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "salt" TEXT NOT NULL,
    "holdout_bps" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "experiment_layer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "experiment_layer_claim" (
    "experiment_id" TEXT NOT NULL,
    "from_bucket" INTEGER NOT NULL,
    "to_bucket" INTEGER NOT NULL,
    "layer_id" TEXT NOT NULL,

    CONSTRAINT "experiment_layer_claim_pkey" PRIMARY KEY ("experiment_id","from_bucket")
);

-- CreateIndex
CREATE UNIQUE INDEX "experiment_layer_project_id_environment_name_name_key" ON "experiment_layer"("project_id", "environment_name", "name");

-- CreateIndex
CREATE INDEX "experiment_layer_claim_layer_id_idx" ON "experiment_layer_claim"("layer_id");

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_layer_id_fkey" FOREIGN KEY ("layer_id") REFERENCES "experiment_layer"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_layer" ADD CONSTRAINT "experiment_layer_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_layer_claim" ADD CONSTRAINT "experiment_layer_claim_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_layer_claim" ADD CONSTRAINT "experiment_layer_claim_layer_id_fkey" FOREIGN KEY ("layer_id") REFERENCES "experiment_layer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── what Prisma cannot say ──────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE "experiment_layer" ADD CONSTRAINT "experiment_layer_holdout" CHECK ("holdout_bps" BETWEEN 0 AND 9999);
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_layer_share" CHECK (("layer_id" IS NULL) = ("layer_bps" IS NULL) AND "layer_bps" BETWEEN 1 AND 10000);
ALTER TABLE "experiment_layer_claim" ADD CONSTRAINT "experiment_layer_claim_range" CHECK (0 <= "from_bucket" AND "from_bucket" < "to_bucket" AND "to_bucket" <= 10000);

-- The share of a layer is as frozen as the plan that it is part of.
CREATE FUNCTION check_experiment_layer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."state" <> 'draft' AND (NEW."layer_id", NEW."layer_bps") IS DISTINCT FROM (OLD."layer_id", OLD."layer_bps") THEN
    RAISE EXCEPTION 'the plan of experiment % is frozen', OLD."id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NEW."state" <> 'running' THEN
    DELETE FROM "experiment_layer_claim" WHERE "experiment_id" = NEW."id";
  ELSIF NEW."layer_bps" IS DISTINCT FROM
      (SELECT sum("to_bucket" - "from_bucket")::integer FROM "experiment_layer_claim" WHERE "experiment_id" = NEW."id" AND "layer_id" = NEW."layer_id") THEN
    RAISE EXCEPTION 'experiment % runs without its share of the layer', NEW."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER experiment_layer_held BEFORE UPDATE ON "experiment" FOR EACH ROW
  WHEN (NEW."layer_id" IS NOT NULL OR OLD."layer_id" IS NOT NULL) EXECUTE FUNCTION check_experiment_layer();

-- No bucket of a layer is two experiments', and none is of its holdout; of two that claim at once the second waits for the first.
CREATE FUNCTION check_experiment_layer_claim() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  holdout integer;
BEGIN
  SELECT "holdout_bps" INTO holdout FROM "experiment_layer" WHERE "id" = NEW."layer_id" FOR UPDATE;
  IF NEW."to_bucket" > 10000 - holdout THEN
    RAISE EXCEPTION 'buckets % to % of layer % are held out', NEW."from_bucket", NEW."to_bucket", NEW."layer_id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM "experiment_layer_claim" c WHERE c."layer_id" = NEW."layer_id"
      AND c."from_bucket" < NEW."to_bucket" AND NEW."from_bucket" < c."to_bucket"
      AND (c."experiment_id", c."from_bucket") <> (NEW."experiment_id", NEW."from_bucket")) THEN
    RAISE EXCEPTION 'buckets % to % of layer % are taken', NEW."from_bucket", NEW."to_bucket", NEW."layer_id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER experiment_layer_claim_free BEFORE INSERT OR UPDATE ON "experiment_layer_claim" FOR EACH ROW EXECUTE FUNCTION check_experiment_layer_claim();
