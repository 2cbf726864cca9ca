-- People to whom a sign-in code may belong, by its first part: of any project, because the code
-- identifies it. A row with a first part always has the rest: coalesce only tells the planner so.
SELECT person_id, coalesce(code_salt, '') AS code_salt, coalesce(code_hash, '') AS code_hash
FROM people
WHERE code_handle = %(handle)s
LIMIT 5
