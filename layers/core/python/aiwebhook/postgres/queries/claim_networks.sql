-- Whether to read GitHub's networks: they are due, and a source accepts requests from them only.
-- Due again after %(wait_s)s seconds, so that no other process reads them meanwhile. No row: not
-- now.
INSERT INTO github_networks (next_at)
SELECT now() + make_interval(secs => %(wait_s)s)
WHERE NOT EXISTS (SELECT FROM github_networks WHERE next_at > now())
    AND EXISTS (SELECT FROM sources WHERE status = 'active' AND rules ->> 'networks' = 'github')
ON CONFLICT (
    only_row) DO UPDATE SET next_at = excluded.next_at
WHERE github_networks.next_at <= now()
