-- Remove workers that have been away for a week.
DELETE FROM workers WHERE status = 'offline' AND last_seen_at < now() - interval '7 days'
