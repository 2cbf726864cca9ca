-- What a project has said about retention.
SELECT kind, days FROM retention_rules WHERE project_id = %(project_id)s ORDER BY kind
