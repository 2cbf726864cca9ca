-- What is due of one event, for this sender alone until the lease ends. Three things may become of a
-- row: claimed (and charged), held because its endpoint is disabled, or postponed (not charged) because
-- its endpoint rests. When the rest is over, one claim moves the mark first and becomes the probe;
-- others, which wait for the endpoint's row and then find it moved, go on resting.
WITH due AS (
    SELECT delivery_id, endpoint_id
      FROM deliveries
     WHERE project_id = %(project_id)s
       AND event_no = %(event_no)s
       AND status = 'pending'
       AND next_attempt_at <= now()
       AND (leased_until IS NULL OR leased_until <= now())
     ORDER BY delivery_id
     LIMIT %(limit)s
       FOR UPDATE SKIP LOCKED
), probe AS (
    UPDATE endpoints AS e
       SET breaker_open_until = now() + make_interval(secs => %(lease_s)s)
      FROM due
     WHERE e.endpoint_id = due.endpoint_id
       AND e.status = 'active'
       AND e.breaker_open_until <= now()
    RETURNING e.endpoint_id
), sorted AS (
    SELECT due.delivery_id,
           e.breaker_open_until AS rests_until,
           CASE WHEN e.status = 'disabled' THEN 'hold'
                WHEN e.breaker_open_until IS NULL OR probe.endpoint_id IS NOT NULL THEN 'claim'
                ELSE 'postpone' END AS course
      FROM due
      LEFT JOIN endpoints e ON e.endpoint_id = due.endpoint_id
      LEFT JOIN probe ON probe.endpoint_id = due.endpoint_id
), held AS (
    UPDATE deliveries AS d
       SET status = 'held', next_attempt_at = NULL
      FROM sorted
     WHERE d.delivery_id = sorted.delivery_id AND sorted.course = 'hold'
), postponed AS (
    UPDATE deliveries AS d
       SET next_attempt_at = greatest(sorted.rests_until, now() + interval '30 seconds')
      FROM sorted
     WHERE d.delivery_id = sorted.delivery_id AND sorted.course = 'postpone'
), claimed AS (
    UPDATE deliveries AS d
       SET attempts = d.attempts + 1,
           leased_until = now() + make_interval(secs => %(lease_s)s)
      FROM sorted
     WHERE d.delivery_id = sorted.delivery_id AND sorted.course = 'claim'
    RETURNING d.delivery_id, d.project_id, d.event_no, d.endpoint_id, d.url, d.attempts, d.leased_until
)
SELECT c.delivery_id,
       c.project_id,
       coalesce(e.url, c.url) AS url,
       c.attempts,
       c.leased_until,
       c.endpoint_id,
       coalesce(e.payload, 'thin') AS payload,
       coalesce(e.failures, 0) AS failures,
       coalesce(e.secret_version, 1) AS secret_version,
       coalesce(e.previous_secret_until > now(), false) AS rotating,
       ev.event_no,
       ev.event_id,
       ev.type AS event_type,
       ev.session_id,
       ev.seq,
       ev.task_id,
       t.agent_name,
       ev.data AS event_data,
       ev.correlation_id,
       ev.created_at,
       r.say,
       r.error,
       CASE WHEN e.payload = 'full' THEN r.output END AS output
  FROM claimed c
  JOIN events ev ON ev.event_no = c.event_no
  LEFT JOIN endpoints e ON e.endpoint_id = c.endpoint_id
  LEFT JOIN tasks t ON t.project_id = c.project_id AND t.task_id = ev.task_id
  LEFT JOIN task_results r ON r.project_id = c.project_id AND r.task_id = ev.task_id
