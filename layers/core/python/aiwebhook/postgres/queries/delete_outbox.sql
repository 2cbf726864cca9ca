DELETE FROM outbox WHERE outbox_id = ANY(%(outbox_ids)s)
