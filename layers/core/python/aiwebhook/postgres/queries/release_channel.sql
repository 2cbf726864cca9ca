-- End the lease on a channel, so that another client need not wait for its end.
UPDATE channels
SET leased_until = now()
WHERE project_id = %(project_id)s AND channel = %(channel)s AND lease_epoch = %(lease_epoch)s
