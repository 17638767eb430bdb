#!/usr/bin/env bash
# Runs once, in an empty PostgreSQL: the role that owns and migrates the database, and the one that web and worker use.
# The second owns nothing and gets its rights from prisma/grants.sql at each migration.
set -euo pipefail

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set owner_password="$POSTGRES_OWNER_PASSWORD" --set app_password="$POSTGRES_APP_PASSWORD" <<'SQL'
create role switchyard_owner login createdb nosuperuser nocreaterole password :'owner_password';
create role switchyard_app login nocreatedb nosuperuser nocreaterole password :'app_password';
create database switchyard owner switchyard_owner;
revoke all on database switchyard from public;
grant connect, temporary on database switchyard to switchyard_app;
SQL
