-- What runs with the owner's rights finds its tables where the owner made them, whatever the caller's
-- search_path says, and no temporary table before them.
ALTER FUNCTION forget_task() SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION forget_project() SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION note_news() SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION forget_news() SET search_path = pg_catalog, public, pg_temp;
