-- Replace GitHub's networks; they are due again after %(wait_s)s seconds.
UPDATE github_networks
SET
    networks = %(networks)s::text[]::cidr[],
    fetched_at = now(),
    next_at = now() + make_interval(secs => %(wait_s)s)
