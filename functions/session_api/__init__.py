"""session_api: the REST API: resources, long polls, the Runs API, and their documentation."""
