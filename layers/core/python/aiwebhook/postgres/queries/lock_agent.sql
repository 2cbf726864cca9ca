-- One claim at a time per project and agent, until the end of the transaction. A statement of its
-- own: the claim must count the running tasks in a snapshot taken after the lock was got, or two
-- claimers spend the cap twice.
SELECT pg_advisory_xact_lock(hashtextextended(%(project_id)s || '/' || %(agent_name)s, 7))
