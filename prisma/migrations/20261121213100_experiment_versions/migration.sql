-- A plan that changes after its start is the next version: an experiment of its own that knows the one before it.
ALTER TABLE "experiment" ADD COLUMN "predecessor_id" TEXT;
ALTER TABLE "experiment" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1;

-- CreateIndex
CREATE UNIQUE INDEX "experiment_predecessor_id_key" ON "experiment"("predecessor_id");

-- AddForeignKey
ALTER TABLE "experiment" ADD CONSTRAINT "experiment_predecessor_id_fkey" FOREIGN KEY ("predecessor_id") REFERENCES "experiment"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- A version follows the one before it, on the same endpoint, once that has started; and stays what it is.
CREATE FUNCTION check_experiment_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before "experiment";
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW."predecessor_id", NEW."version") IS DISTINCT FROM (OLD."predecessor_id", OLD."version") THEN
      RAISE EXCEPTION 'the version of experiment % stays', OLD."id" USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW."predecessor_id" IS NULL THEN
    IF NEW."version" <> 1 THEN
      RAISE EXCEPTION 'experiment % is the first of its kind, so version 1', NEW."id" USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  SELECT * INTO before FROM "experiment" WHERE "id" = NEW."predecessor_id";
  IF before."id" IS NULL OR before."endpoint_id" <> NEW."endpoint_id" OR before."state" = 'draft' OR NEW."version" <> before."version" + 1 THEN
    RAISE EXCEPTION 'experiment % does not follow experiment %', NEW."id", NEW."predecessor_id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER experiment_version_follows BEFORE INSERT OR UPDATE OF "predecessor_id", "version" ON "experiment"
  FOR EACH ROW EXECUTE FUNCTION check_experiment_version();
