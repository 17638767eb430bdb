-- CreateTable
CREATE TABLE "experiment_archive" (
    "experiment_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "sums" JSONB NOT NULL,
    "cleared_at" TIMESTAMPTZ(3),

    CONSTRAINT "experiment_archive_pkey" PRIMARY KEY ("experiment_id")
);

-- AddForeignKey
ALTER TABLE "experiment_archive" ADD CONSTRAINT "experiment_archive_experiment_id_fkey" FOREIGN KEY ("experiment_id") REFERENCES "experiment"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── what Prisma cannot say ──────────────────────────────────────────────────────────────────────────────────────────

-- What was known of it cannot be known anew.
CREATE TRIGGER experiment_archive_immutable BEFORE UPDATE OF "experiment_id", "at", "sums" ON "experiment_archive"
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Scores of no experiment go by the time of their last change.
CREATE INDEX score_without_experiment ON usage.score (changed_at) WHERE experiment_id IS NULL;
