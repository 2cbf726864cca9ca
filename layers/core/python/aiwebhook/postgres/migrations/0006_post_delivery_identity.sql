-- The code before 0005 names this constraint when it inserts; until it goes, a second body under one
-- GUID is answered 503 and comes again.
ALTER TABLE inbound_deliveries DROP CONSTRAINT inbound_deliveries_project_id_source_hook_id_guid_key;
