-- Rights of the runtime role (:app_role), which owns nothing. Run after every deploy; safe to run again.
GRANT USAGE ON SCHEMA public TO :app_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :app_role;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO :app_role;

-- The audit trail is append-only for whoever runs the product.
REVOKE UPDATE, DELETE, TRUNCATE ON "audit_event" FROM :app_role;
REVOKE DELETE, TRUNCATE ON "audit_head" FROM :app_role;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "_prisma_migrations" FROM :app_role;

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'usage') THEN
    EXECUTE 'GRANT USAGE ON SCHEMA usage TO :app_role';
    EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA usage TO :app_role';
    EXECUTE 'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA usage TO :app_role';
    EXECUTE 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA usage TO :app_role';
  END IF;
END $$;
