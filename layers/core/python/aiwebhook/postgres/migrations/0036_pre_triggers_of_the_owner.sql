-- What goes with a task or a project goes with the owner's rights, as with a foreign key: the role
-- that deletes needs no right on it (ADR 0026). No role can put a table in the way: none may make
-- a schema or a temporary table.
ALTER FUNCTION forget_task() SECURITY DEFINER;
ALTER FUNCTION forget_project() SECURITY DEFINER;
