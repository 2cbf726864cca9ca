-- Record that all rules have evaluated a delivery.
DELETE FROM rule_evaluations
WHERE project_id = %(project_id)s AND delivery_id = %(delivery_id)s AND round = %(round)s
