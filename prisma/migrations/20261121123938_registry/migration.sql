-- AlterTable
ALTER TABLE "model_version" ADD COLUMN     "architecture" JSONB NOT NULL DEFAULT '{"layers": null, "hiddenSize": null, "attentionHeads": null, "kvHeads": null, "headDimension": null, "vocabularySize": null}',
ADD COLUMN     "derivation" JSONB,
ADD COLUMN     "digest" TEXT,
ADD COLUMN     "notes" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "parent_id" TEXT,
ADD COLUMN     "signature" JSONB;

-- CreateTable
CREATE TABLE "model_version_state" (
    "version_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "model_version_state_pkey" PRIMARY KEY ("version_id")
);

-- CreateTable
CREATE TABLE "model_version_transition" (
    "version_id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "from_state" TEXT,
    "to_state" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "model_version_transition_pkey" PRIMARY KEY ("version_id","revision")
);

-- CreateTable
CREATE TABLE "model_version_score" (
    "id" TEXT NOT NULL,
    "version_id" TEXT NOT NULL,
    "set_name" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "unit" TEXT,
    "better" TEXT NOT NULL,
    "cases" INTEGER,
    "measured_at" TIMESTAMPTZ(3) NOT NULL,
    "source_url" TEXT,
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_version_score_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "artifact_verification" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "version_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "deadline_at" TIMESTAMPTZ(3) NOT NULL,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "artifact_verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "artifact_check" (
    "verification_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "uri" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "bytes_done" BIGINT NOT NULL DEFAULT 0,
    "actual_sha256" TEXT,
    "actual_bytes" BIGINT,
    "problem" TEXT,
    "detail" TEXT NOT NULL DEFAULT '',
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "artifact_check_pkey" PRIMARY KEY ("verification_id","position")
);

-- CreateIndex
CREATE INDEX "model_version_state_state_idx" ON "model_version_state"("state");

-- CreateIndex
CREATE INDEX "model_version_score_version_id_measured_at_idx" ON "model_version_score"("version_id", "measured_at");

-- CreateIndex
CREATE INDEX "artifact_verification_version_id_created_at_idx" ON "artifact_verification"("version_id", "created_at");

-- CreateIndex
CREATE INDEX "model_version_parent_id_idx" ON "model_version"("parent_id");

-- CreateIndex
CREATE INDEX "release_variant_model_version_id_idx" ON "release_variant"("model_version_id");

-- AddForeignKey
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "model_version"("id") ON DELETE NO ACTION ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_version_state" ADD CONSTRAINT "model_version_state_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "model_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_version_transition" ADD CONSTRAINT "model_version_transition_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "model_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_version_score" ADD CONSTRAINT "model_version_score_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "model_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artifact_verification" ADD CONSTRAINT "artifact_verification_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "model_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "artifact_check" ADD CONSTRAINT "artifact_check_verification_id_fkey" FOREIGN KEY ("verification_id") REFERENCES "artifact_verification"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Versions that are there already get the digest of what they hold, as lib/domain/registry/rules/version-digest.ts computes it, and begin
-- as drafts. RFC 8785: PostgreSQL escapes strings as the RFC does, names are ASCII, and every number is an integer.
CREATE FUNCTION pg_temp.to_canonical(v jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF jsonb_typeof(v) = 'object' THEN
    RETURN '{' || coalesce((SELECT string_agg(to_json(key)::text || ':' || pg_temp.to_canonical(value), ',' ORDER BY key COLLATE "C") FROM jsonb_each(v)), '') || '}';
  ELSIF jsonb_typeof(v) = 'array' THEN
    RETURN '[' || coalesce((SELECT string_agg(pg_temp.to_canonical(value), ',' ORDER BY place) FROM jsonb_array_elements(v) WITH ORDINALITY AS item(value, place)), '') || ']';
  END IF;
  RETURN v::text;
END $$;

ALTER TABLE "model_version" DISABLE TRIGGER "model_version_immutable";
UPDATE "model_version" SET "digest" = encode(sha256(convert_to(pg_temp.to_canonical(jsonb_build_object(
  'engine', "engine", 'precision', "precision", 'parameterCount', "parameter_count", 'contextLength', "context_length",
  'architecture', "architecture", 'licence', "licence", 'description', "description", 'notes', "notes", 'tags', to_jsonb("tags"),
  'artifacts', "artifacts", 'lineage', "lineage", 'signature', "signature", 'derivedFrom', NULL)), 'UTF8')), 'hex');
ALTER TABLE "model_version" ENABLE TRIGGER "model_version_immutable";
ALTER TABLE "model_version" ALTER COLUMN "digest" SET NOT NULL, ALTER COLUMN "architecture" DROP DEFAULT;
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_digest_whole" CHECK ("digest" ~ '^[0-9a-f]{64}$');
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_derived_somehow" CHECK (("parent_id" IS NULL) = ("derivation" IS NULL));
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_not_its_own_parent" CHECK ("parent_id" <> "id");

INSERT INTO "model_version_state" ("version_id", "state", "revision", "changed_at") SELECT "id", 'draft', 1, "created_at" FROM "model_version";
INSERT INTO "model_version_transition" ("version_id", "revision", "to_state", "at", "actor_kind", "actor_id", "actor_name", "reason")
  SELECT "id", 1, 'draft', "created_at", CASE WHEN "created_by_id" LIKE 'tok_%' THEN 'token' ELSE 'user' END, "created_by_id", "created_by_name", 'registered' FROM "model_version";

CREATE TRIGGER model_version_transition_immutable BEFORE UPDATE ON "model_version_transition" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER model_version_score_immutable BEFORE UPDATE ON "model_version_score" FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE "model_version_score" ADD CONSTRAINT "model_version_score_finite"
  CHECK ("value" NOT IN ('NaN', 'Infinity', '-Infinity') AND "better" IN ('higher', 'lower') AND "cases" > 0);

ALTER TABLE "model_version_state" ADD CONSTRAINT "model_version_state_known" CHECK ("state" IN ('draft', 'candidate', 'approved', 'retired'));
-- The legal moves, as in lib/domain/registry/rules/version-state.ts; a retired version absorbs.
CREATE FUNCTION check_model_version_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW."state" <> 'draft' OR NEW."revision" <> 1 THEN
      RAISE EXCEPTION 'model version % begins as a draft', NEW."version_id" USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW."version_id" <> OLD."version_id" OR NEW."revision" <> OLD."revision" + 1 THEN
    RAISE EXCEPTION 'model version % moves one step at a time', OLD."version_id" USING ERRCODE = 'restrict_violation';
  END IF;
  IF NOT (NEW."state" = ANY (CASE OLD."state"
    WHEN 'draft' THEN ARRAY['candidate', 'retired']
    WHEN 'candidate' THEN ARRAY['approved', 'retired']
    WHEN 'approved' THEN ARRAY['retired']
    ELSE ARRAY[]::text[] END)) THEN
    RAISE EXCEPTION 'model version % cannot go from % to %', OLD."version_id", OLD."state", NEW."state" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER model_version_move_legal BEFORE INSERT OR UPDATE ON "model_version_state" FOR EACH ROW EXECUTE FUNCTION check_model_version_move();

-- One open reading of a version's artifacts at a time.
CREATE UNIQUE INDEX "artifact_verification_one_open" ON "artifact_verification" ("version_id") WHERE "ended_at" IS NULL;
ALTER TABLE "artifact_verification" ADD CONSTRAINT "artifact_verification_state_known"
  CHECK ("state" IN ('queued', 'running', 'verified', 'mismatch', 'absent', 'failed') AND ("state" IN ('queued', 'running')) = ("ended_at" IS NULL));
ALTER TABLE "artifact_check" ADD CONSTRAINT "artifact_check_state_known"
  CHECK ("state" IN ('queued', 'running', 'verified', 'mismatch', 'absent', 'failed') AND ("state" IN ('queued', 'running')) = ("ended_at" IS NULL) AND "bytes_done" >= 0);
-- Nothing is verified that was not read whole with the registered hash and size.
ALTER TABLE "artifact_check" ADD CONSTRAINT "artifact_check_verified_by_hash"
  CHECK ("state" <> 'verified' OR ("actual_sha256" IS NOT NULL AND "actual_sha256" = "sha256" AND "actual_bytes" IS NOT NULL AND "actual_bytes" = "size_bytes"));

-- What has ended stays as it is.
CREATE FUNCTION check_verification_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD."ended_at" IS NOT NULL THEN
    RAISE EXCEPTION '% has ended (%)', TG_TABLE_NAME, OLD."state" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER artifact_verification_ends_once BEFORE UPDATE ON "artifact_verification" FOR EACH ROW EXECUTE FUNCTION check_verification_change();
CREATE TRIGGER artifact_check_ends_once BEFORE UPDATE ON "artifact_check" FOR EACH ROW EXECUTE FUNCTION check_verification_change();
