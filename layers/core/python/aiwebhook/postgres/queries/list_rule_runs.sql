-- The deliveries a rule matched recently, newest first.
SELECT delivery_id, round, subject, status, reason, task_id, began_at
FROM rule_runs
WHERE project_id = %(project_id)s AND rule_id = %(rule_id)s
ORDER BY began_at DESC, delivery_id DESC
LIMIT %(limit)s
