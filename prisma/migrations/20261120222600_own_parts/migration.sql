-- An endpoint serves its own releases, a backend its own revisions, a label its own prompt's versions: nothing crosses, whoever writes.
CREATE FUNCTION check_active_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."active_release_id" IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM "release" WHERE "id" = NEW."active_release_id" AND "endpoint_id" = NEW."id") THEN
    RAISE EXCEPTION 'release % is not of endpoint %', NEW."active_release_id", NEW."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER endpoint_serves_its_own BEFORE INSERT OR UPDATE OF "active_release_id" ON "endpoint"
  FOR EACH ROW EXECUTE FUNCTION check_active_release();

CREATE FUNCTION check_current_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."current_revision_id" IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM "backend_revision" WHERE "id" = NEW."current_revision_id" AND "backend_id" = NEW."id") THEN
    RAISE EXCEPTION 'revision % is not of backend %', NEW."current_revision_id", NEW."id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER backend_points_to_its_own BEFORE INSERT OR UPDATE OF "current_revision_id" ON "backend"
  FOR EACH ROW EXECUTE FUNCTION check_current_revision();

CREATE FUNCTION check_label_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM "prompt_version" WHERE "id" = NEW."version_id" AND "prompt_id" = NEW."prompt_id") THEN
    RAISE EXCEPTION 'prompt version % is not of prompt %', NEW."version_id", NEW."prompt_id" USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER prompt_label_names_its_own BEFORE INSERT OR UPDATE OF "version_id", "prompt_id" ON "prompt_label"
  FOR EACH ROW EXECUTE FUNCTION check_label_version();
