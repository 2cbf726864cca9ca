#!/bin/sh
# A method that the path does not take.
curl --silent --show-error -X DELETE "$AIWEBHOOK_URL/v1/sessions" \
  -H "Authorization: Bearer $AIWEBHOOK_KEY"
