-- A version is a chat or one text; how large it is stands beside it, because a snapshot has a share for each project.
ALTER TABLE "prompt_version" ADD COLUMN "kind" TEXT NOT NULL DEFAULT 'chat', ADD COLUMN "content_bytes" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "prompt_version" DISABLE TRIGGER "prompt_version_immutable";
UPDATE "prompt_version" SET "content_bytes" = octet_length("messages"::text) + octet_length("variables"::text) + octet_length("parameters"::text);
ALTER TABLE "prompt_version" ENABLE TRIGGER "prompt_version_immutable";
ALTER TABLE "prompt_version" ADD CONSTRAINT "prompt_version_kind_known" CHECK ("kind" IN ('chat', 'text'));
ALTER TABLE "prompt_version" ADD CONSTRAINT "prompt_version_text_is_one_user_message"
  CHECK ("kind" = 'chat' OR (jsonb_array_length("messages") = 1 AND "messages" -> 0 ->> 'role' = 'user'));
ALTER TABLE "prompt_version" ADD CONSTRAINT "prompt_version_content_bytes_counted" CHECK ("content_bytes" >= 0);
