"""migrate: brings the schema up to date; run by CloudFormation before any other function of a release."""
