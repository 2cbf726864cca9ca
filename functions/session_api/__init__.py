"""session_api: the REST door: resources, long polls, the Runs API, and the documents about them."""
