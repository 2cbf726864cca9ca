-- Workers that have been away for a week are forgotten.
DELETE FROM workers WHERE status = 'offline' AND last_seen_at < now() - interval '7 days'
