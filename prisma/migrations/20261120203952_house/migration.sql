-- CreateTable
CREATE TABLE "app_user" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT,
    "is_operator" BOOLEAN NOT NULL DEFAULT false,
    "is_demo" BOOLEAN NOT NULL DEFAULT false,
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "app_user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "provider" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("provider","subject")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "user_agent" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sign_in_attempt" (
    "key" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "sign_in_attempt_pkey" PRIMARY KEY ("key","window_start")
);

-- CreateTable
CREATE TABLE "setup_link" (
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "setup_link_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "project" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "is_demo" BOOLEAN NOT NULL DEFAULT false,
    "subject_key_sealed" TEXT NOT NULL,
    "last_number" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "project_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "environment" (
    "project_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "environment_pkey" PRIMARY KEY ("project_id","name")
);

-- CreateTable
CREATE TABLE "member" (
    "project_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "member_pkey" PRIMARY KEY ("project_id","user_id")
);

-- CreateTable
CREATE TABLE "api_token" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "created_by_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gateway_key" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "environment_name" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "team" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "gateway_key_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "chain" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "object_kind" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "object_name" TEXT NOT NULL,
    "reason" TEXT,
    "details" JSONB NOT NULL,
    "request_id" TEXT NOT NULL,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("chain","sequence")
);

-- CreateTable
CREATE TABLE "audit_head" (
    "chain" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_head_pkey" PRIMARY KEY ("chain")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "job" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "relayed_at" TIMESTAMPTZ(3),
    "done_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "status" INTEGER NOT NULL,
    "response" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("scope","key")
);

-- CreateTable
CREATE TABLE "model" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "tags" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "model_version" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "engine" TEXT NOT NULL,
    "precision" TEXT NOT NULL,
    "parameter_count" BIGINT,
    "context_length" INTEGER,
    "licence" TEXT,
    "description" TEXT NOT NULL DEFAULT '',
    "artifacts" JSONB NOT NULL,
    "lineage" JSONB NOT NULL,
    "tags" TEXT[],
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "model_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "prompt" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "prompt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "prompt_version" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "prompt_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "content_hash" TEXT NOT NULL,
    "messages" JSONB NOT NULL,
    "variables" JSONB NOT NULL,
    "parameters" JSONB NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "prompt_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "prompt_label" (
    "prompt_id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "version_id" TEXT NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "moved_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "prompt_label_pkey" PRIMARY KEY ("prompt_id","label")
);

-- CreateTable
CREATE TABLE "prompt_label_move" (
    "prompt_id" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    "from_version_id" TEXT,
    "to_version_id" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_name" TEXT NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "prompt_label_move_pkey" PRIMARY KEY ("prompt_id","label","revision")
);

-- CreateTable
CREATE TABLE "backend" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "environment_name" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "api_key_sealed" TEXT,
    "current_revision_id" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "archived_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "backend_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backend_revision" (
    "id" TEXT NOT NULL,
    "backend_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "base_url" TEXT NOT NULL,
    "served_model" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "backend_revision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "endpoint" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "environment_name" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "team" TEXT,
    "salt" TEXT NOT NULL,
    "active_release_id" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "endpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "release" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "max_output_tokens" INTEGER NOT NULL,
    "note" TEXT NOT NULL DEFAULT '',
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "release_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "release_variant" (
    "id" TEXT NOT NULL,
    "release_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "weight_bps" INTEGER NOT NULL,
    "model_version_id" TEXT NOT NULL,
    "prompt_version_id" TEXT,
    "parameters" JSONB NOT NULL,

    CONSTRAINT "release_variant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "release_variant_backend" (
    "variant_id" TEXT NOT NULL,
    "backend_revision_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "release_variant_backend_pkey" PRIMARY KEY ("variant_id","backend_revision_id")
);

-- CreateTable
CREATE TABLE "price" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "model_id" TEXT NOT NULL,
    "input_usd" DECIMAL(38,18) NOT NULL,
    "output_usd" DECIMAL(38,18) NOT NULL,
    "per_tokens" INTEGER NOT NULL,
    "valid_from" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "price_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rollout" (
    "id" TEXT NOT NULL,
    "project_id" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "from_release_id" TEXT NOT NULL,
    "to_release_id" TEXT NOT NULL,
    "strategy" TEXT NOT NULL,
    "plan" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "step_index" INTEGER NOT NULL DEFAULT 0,
    "weight_bps" INTEGER NOT NULL DEFAULT 0,
    "step_started_at" TIMESTAMPTZ(3),
    "deadline_at" TIMESTAMPTZ(3),
    "paused_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "judge" JSONB NOT NULL,
    "created_by_id" TEXT NOT NULL,
    "created_by_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rollout_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rollout_event" (
    "rollout_id" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "from_state" TEXT NOT NULL,
    "to_state" TEXT NOT NULL,
    "step_index" INTEGER NOT NULL,
    "weight_bps" INTEGER NOT NULL,
    "actor_name" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "evidence" JSONB NOT NULL,

    CONSTRAINT "rollout_event_pkey" PRIMARY KEY ("rollout_id","epoch")
);

-- CreateTable
CREATE TABLE "snapshot" (
    "epoch" INTEGER NOT NULL,
    "generation" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "content" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "snapshot_pkey" PRIMARY KEY ("epoch","generation")
);

-- CreateTable
CREATE TABLE "snapshot_counter" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "epoch" INTEGER NOT NULL DEFAULT 1,
    "generation" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "snapshot_counter_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "gateway" (
    "id" TEXT NOT NULL,
    "boot_id" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "heard_at" TIMESTAMPTZ(3) NOT NULL,
    "epoch" INTEGER NOT NULL,
    "generation" INTEGER NOT NULL,
    "in_flight" INTEGER NOT NULL,
    "spool_records" INTEGER NOT NULL,
    "spool_bytes" BIGINT NOT NULL,
    "snapshot_alarm" TEXT,

    CONSTRAINT "gateway_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "app_user_email_key" ON "app_user"("email");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "project_slug_key" ON "project"("slug");

-- CreateIndex
CREATE INDEX "member_user_id_idx" ON "member"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "api_token_hash_key" ON "api_token"("hash");

-- CreateIndex
CREATE INDEX "api_token_project_id_created_at_idx" ON "api_token"("project_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "gateway_key_hash_key" ON "gateway_key"("hash");

-- CreateIndex
CREATE INDEX "gateway_key_project_id_created_at_idx" ON "gateway_key"("project_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_event_id_key" ON "audit_event"("id");

-- CreateIndex
CREATE INDEX "audit_event_chain_object_kind_object_id_idx" ON "audit_event"("chain", "object_kind", "object_id");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "model_project_id_name_key" ON "model"("project_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "model_version_model_id_number_key" ON "model_version"("model_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "prompt_project_id_name_key" ON "prompt"("project_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "prompt_version_prompt_id_number_key" ON "prompt_version"("prompt_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "prompt_version_prompt_id_content_hash_key" ON "prompt_version"("prompt_id", "content_hash");

-- CreateIndex
CREATE UNIQUE INDEX "backend_current_revision_id_key" ON "backend"("current_revision_id");

-- CreateIndex
CREATE UNIQUE INDEX "backend_project_id_environment_name_name_key" ON "backend"("project_id", "environment_name", "name");

-- CreateIndex
CREATE UNIQUE INDEX "backend_revision_backend_id_number_key" ON "backend_revision"("backend_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "endpoint_active_release_id_key" ON "endpoint"("active_release_id");

-- CreateIndex
CREATE UNIQUE INDEX "endpoint_project_id_environment_name_name_key" ON "endpoint"("project_id", "environment_name", "name");

-- CreateIndex
CREATE UNIQUE INDEX "release_endpoint_id_number_key" ON "release"("endpoint_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "release_variant_release_id_name_key" ON "release_variant"("release_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "release_variant_release_id_position_key" ON "release_variant"("release_id", "position");

-- CreateIndex
CREATE UNIQUE INDEX "price_model_id_valid_from_key" ON "price"("model_id", "valid_from");

-- CreateIndex
CREATE INDEX "rollout_endpoint_id_created_at_idx" ON "rollout"("endpoint_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "rollout_project_id_number_key" ON "rollout"("project_id", "number");

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "environment" ADD CONSTRAINT "environment_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gateway_key" ADD CONSTRAINT "gateway_key_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "gateway_key" ADD CONSTRAINT "gateway_key_project_id_environment_name_fkey" FOREIGN KEY ("project_id", "environment_name") REFERENCES "environment"("project_id", "name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model" ADD CONSTRAINT "model_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "prompt" ADD CONSTRAINT "prompt_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "prompt_version" ADD CONSTRAINT "prompt_version_prompt_id_fkey" FOREIGN KEY ("prompt_id") REFERENCES "prompt"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "prompt_label" ADD CONSTRAINT "prompt_label_prompt_id_fkey" FOREIGN KEY ("prompt_id") REFERENCES "prompt"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "prompt_label" ADD CONSTRAINT "prompt_label_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "prompt_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "prompt_label_move" ADD CONSTRAINT "prompt_label_move_prompt_id_fkey" FOREIGN KEY ("prompt_id") REFERENCES "prompt"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backend" ADD CONSTRAINT "backend_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backend" ADD CONSTRAINT "backend_project_id_environment_name_fkey" FOREIGN KEY ("project_id", "environment_name") REFERENCES "environment"("project_id", "name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backend" ADD CONSTRAINT "backend_current_revision_id_fkey" FOREIGN KEY ("current_revision_id") REFERENCES "backend_revision"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backend_revision" ADD CONSTRAINT "backend_revision_backend_id_fkey" FOREIGN KEY ("backend_id") REFERENCES "backend"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_project_id_environment_name_fkey" FOREIGN KEY ("project_id", "environment_name") REFERENCES "environment"("project_id", "name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "endpoint" ADD CONSTRAINT "endpoint_active_release_id_fkey" FOREIGN KEY ("active_release_id") REFERENCES "release"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release" ADD CONSTRAINT "release_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release_variant" ADD CONSTRAINT "release_variant_release_id_fkey" FOREIGN KEY ("release_id") REFERENCES "release"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release_variant" ADD CONSTRAINT "release_variant_model_version_id_fkey" FOREIGN KEY ("model_version_id") REFERENCES "model_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release_variant" ADD CONSTRAINT "release_variant_prompt_version_id_fkey" FOREIGN KEY ("prompt_version_id") REFERENCES "prompt_version"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release_variant_backend" ADD CONSTRAINT "release_variant_backend_variant_id_fkey" FOREIGN KEY ("variant_id") REFERENCES "release_variant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "release_variant_backend" ADD CONSTRAINT "release_variant_backend_backend_revision_id_fkey" FOREIGN KEY ("backend_revision_id") REFERENCES "backend_revision"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price" ADD CONSTRAINT "price_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "price" ADD CONSTRAINT "price_model_id_fkey" FOREIGN KEY ("model_id") REFERENCES "model"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "project"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_endpoint_id_fkey" FOREIGN KEY ("endpoint_id") REFERENCES "endpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_from_release_id_fkey" FOREIGN KEY ("from_release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_to_release_id_fkey" FOREIGN KEY ("to_release_id") REFERENCES "release"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rollout_event" ADD CONSTRAINT "rollout_event_rollout_id_fkey" FOREIGN KEY ("rollout_id") REFERENCES "rollout"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ── what Prisma cannot say ──────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE "app_user" ADD CONSTRAINT "app_user_email_lower" CHECK ("email" = lower("email"));
ALTER TABLE "member" ADD CONSTRAINT "member_role_known" CHECK ("role" IN ('viewer', 'engineer', 'approver', 'admin'));
ALTER TABLE "project" ADD CONSTRAINT "project_slug_free" CHECK ("slug" NOT IN ('api', 'docs', 'healthz', 'readyz', 'metrics', 'v1', 'v2', 'sign-in', 'setup', 'dev'));
ALTER TABLE "snapshot_counter" ADD CONSTRAINT "snapshot_counter_one" CHECK ("id" = 1);
INSERT INTO "snapshot_counter" ("id") VALUES (1);

-- Rows that say what was are never changed. The audit trail is never deleted either; the others go only with their whole project.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are immutable', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON "audit_event" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON "audit_event" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER model_version_immutable BEFORE UPDATE ON "model_version" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER prompt_version_immutable BEFORE UPDATE ON "prompt_version" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER prompt_label_move_immutable BEFORE UPDATE ON "prompt_label_move" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER backend_revision_immutable BEFORE UPDATE ON "backend_revision" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_immutable BEFORE UPDATE ON "release" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_variant_immutable BEFORE UPDATE ON "release_variant" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_variant_backend_immutable BEFORE UPDATE ON "release_variant_backend" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rollout_event_immutable BEFORE UPDATE ON "rollout_event" FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE "audit_event" ADD CONSTRAINT "audit_event_sequence_positive" CHECK ("sequence" > 0);
ALTER TABLE "model_version" ADD CONSTRAINT "model_version_number_positive" CHECK ("number" > 0);
ALTER TABLE "prompt_version" ADD CONSTRAINT "prompt_version_number_positive" CHECK ("number" > 0);
ALTER TABLE "release" ADD CONSTRAINT "release_number_positive" CHECK ("number" > 0 AND "max_output_tokens" > 0);
ALTER TABLE "release_variant" ADD CONSTRAINT "release_variant_weight" CHECK ("weight_bps" BETWEEN 0 AND 10000);
ALTER TABLE "price" ADD CONSTRAINT "price_not_negative" CHECK ("input_usd" >= 0 AND "output_usd" >= 0 AND "per_tokens" > 0);

-- The variants of a release share its traffic whole: checked when the transaction commits.
CREATE FUNCTION check_release_weights() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE total integer;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "release" WHERE "id" = NEW."id") THEN RETURN NULL; END IF;
  SELECT coalesce(sum("weight_bps"), 0) INTO total FROM "release_variant" WHERE "release_id" = NEW."id";
  IF total <> 10000 THEN
    RAISE EXCEPTION 'the variants of release % sum to % basis points, not 10000', NEW."id", total USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER release_weights_whole AFTER INSERT ON "release" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_release_weights();

ALTER TABLE "rollout" ADD CONSTRAINT "rollout_weight" CHECK ("weight_bps" BETWEEN 0 AND 10000);
ALTER TABLE "rollout" ADD CONSTRAINT "rollout_two_releases" CHECK ("from_release_id" <> "to_release_id");

-- Work that waits, found without reading what is done.
CREATE INDEX "outbox_waiting" ON "outbox" ("id") WHERE "done_at" IS NULL AND "failed_at" IS NULL;
