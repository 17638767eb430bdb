-- What a variant's prompt is with the prompts that stand in it, as they were when the release was saved.
ALTER TABLE "release_variant" ADD COLUMN "composed_prompt" JSONB;
ALTER TABLE "release_variant" ADD CONSTRAINT "release_variant_composed_has_prompt" CHECK ("composed_prompt" IS NULL OR "prompt_version_id" IS NOT NULL);
