#!/bin/sh
# Makes Temporal's two databases, or brings them up to the version of these tools; a second time it changes
# nothing. The tool reads by itself where PostgreSQL is: SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD.
set -eu

for schema in temporal visibility; do
    case $schema in
    visibility) export SQL_DATABASE=temporal_visibility ;;
    *) export SQL_DATABASE=temporal ;;
    esac
    temporal-sql-tool create-database
    temporal-sql-tool setup-schema --version 0.0
    temporal-sql-tool update-schema --schema-name "postgresql/v12/$schema"
done
