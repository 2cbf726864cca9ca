#!/bin/sh
# A path that does not exist.
curl --silent --show-error "$AIWEBHOOK_URL/v1/conversations" \
  -H "Authorization: Bearer $AIWEBHOOK_KEY"
