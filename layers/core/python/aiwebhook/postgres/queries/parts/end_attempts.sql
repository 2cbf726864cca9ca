-- What the end of an attempt without success leads to (domain/attempt.py gives the parameters and
-- their reasons).
-- Needs  ending(project_id, task_id, lease_epoch, attempts, max_attempts, cancel_requested, error):
-- tasks with a lease,
--        locked, guards checked, values as of the lock; and the parameters
--        cancelled: the run stopped because it was asked to · charged: it counts against
--        max_attempts
--        retryable: trying again may help · attempt_status: what the attempt is called from now on
--        ladder: back-off caps in seconds by attempt, empty: at once · randoms: one number in [0,
--        1) per row
--        cancelled_error: the error of a cancelled task
--        output, usage, exit_code, notes: of the run
-- Gives  ended, as settle_ended needs it
-- A task handed back at once keeps its turn, or takes the present one: no mark may have passed it.
-- One that waits gets a new tag when it is due.
decided AS (
    SELECT
        e.*,
        CASE
            WHEN e.cancel_requested OR %(cancelled)s::boolean THEN 'cancelled'
            WHEN NOT %(charged)s::boolean THEN 'pending'
            WHEN %(retryable)s::boolean AND e.attempts < e.max_attempts THEN 'pending'
            ELSE 'failed'
        END AS next_status,
        coalesce(
            (%(ladder)s::double precision[])[
                least(greatest(e.attempts, 1), cardinality(%(ladder)s::double precision[]))
            ]
            * (%(randoms)s::double precision[])[
                row_number() OVER (ORDER BY e.project_id, e.task_id)
            ],
            0
        ) AS delay_s
    FROM ending e
),
ended AS (
    UPDATE tasks t
    SET
        status = f.next_status,
        phase = CASE f.next_status WHEN 'pending' THEN 0 ELSE 2 END,
        ready = f.next_status = 'pending' AND f.delay_s = 0,
        fair_tag = CASE
            WHEN f.next_status = 'pending' AND f.delay_s = 0
                THEN greatest(t.fair_tag, lane_time(t.project_id, t.agent_name, t.priority))
            ELSE t.fair_tag
        END,
        lease_until = NULL,
        attempts = t.attempts - CASE WHEN %(charged)s::boolean THEN 0 ELSE 1 END,
        run_after = CASE
            WHEN
                f.next_status = 'pending' AND f.delay_s > 0
                THEN now() + make_interval(secs => f.delay_s)
        END,
        ready_seq
        = CASE WHEN f.next_status = 'pending' THEN nextval('ready_seq') ELSE t.ready_seq END
    FROM decided f, task_payloads p
    WHERE t.project_id = f.project_id
        AND t.task_id = f.task_id
        AND t.lease_epoch = f.lease_epoch
        AND t.status IN ('claimed', 'running')
        AND p.project_id = f.project_id
        AND p.task_id = f.task_id
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.status, t.lease_epoch, t.attempts,
        t.max_attempts, t.run_after, t.has_dependants, p.correlation_id,
        CASE f.next_status WHEN 'cancelled' THEN %(cancelled_error)s::jsonb ELSE f.error END
            AS error,
        NULL::text AS say, %(output)s::jsonb AS output, %(usage)s::jsonb AS usage,
        %(exit_code)s::integer AS exit_code, %(notes)s::jsonb AS notes,
        %(attempt_status)s::text AS attempt_status
)
