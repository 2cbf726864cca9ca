-- Whom a sign-in code may belong to, by its first part: of any project, for the code says which.
-- With a first part there is always the rest: coalesce only says so.
SELECT person_id, coalesce(code_salt, '') AS code_salt, coalesce(code_hash, '') AS code_hash
FROM people
WHERE code_handle = %(handle)s
LIMIT 5
