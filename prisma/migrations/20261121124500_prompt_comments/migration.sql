CREATE TABLE "prompt_comment" (
    "id" TEXT NOT NULL,
    "version_id" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "author_id" TEXT NOT NULL,
    "author_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "prompt_comment_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "prompt_comment_version_id_created_at_idx" ON "prompt_comment"("version_id", "created_at");
ALTER TABLE "prompt_comment" ADD CONSTRAINT "prompt_comment_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "prompt_version"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- What was taken back is gone, what stands has a text.
ALTER TABLE "prompt_comment" ADD CONSTRAINT "prompt_comment_removed_is_empty" CHECK (("removed_at" IS NULL) = ("body" <> ''));
