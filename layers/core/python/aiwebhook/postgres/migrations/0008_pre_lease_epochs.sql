-- Fencing tokens come from one sequence, so that a task deleted and created again under the same id
-- never sees a number twice. It starts far above every epoch there is: the old version goes on
-- counting for as long as it runs, and runs of deleted tasks, whose epochs nobody knows any more,
-- may still hold tokens.

CREATE SEQUENCE lease_epochs AS bigint;

SELECT setval('lease_epochs', 1000000 + coalesce(max(lease_epoch), 0)) FROM tasks;
