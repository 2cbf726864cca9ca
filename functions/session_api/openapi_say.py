"""`POST /v1/say` in OpenAPI: not one of the router's operations, because it refuses nothing."""

from __future__ import annotations

from typing import Any

from aiwebhook.domain.identity import Scope
from aiwebhook.domain.say_text import LONGEST_CHARS
from session_api.say.route import LONGEST_SPOKEN_TEXT

Json = dict[str, Any]
_ERRORS = (401, 403, 413, 429, 503)
_TEXT: Json = {"type": "string", "maxLength": LONGEST_SPOKEN_TEXT, "description": "What was said."}
_REQUEST: Json = {
    "type": "object",
    "properties": {
        "text": _TEXT,
        "conversation": {
            "type": "string",
            "description": "An id chosen by the client. Without it, each key and "
            "door has one conversation, which starts over after half an hour of silence.",
        },
        "door": {"type": "string", "description": "Where it was said: siri, watch, car."},
        "tz": {"type": "string", "description": "The phone's time zone, an IANA name."},
        "locale": {
            "type": "string",
            "description": "The language of sentences that could be either.",
        },
        "request_id": {
            "type": "string",
            "description": "The same id again returns the same reply.",
        },
    },
}
_REPLY: Json = {
    "type": "object",
    "required": ["say", "ask", "intent", "updates", "conversation"],
    "properties": {
        "say": {
            "type": "string",
            "maxLength": LONGEST_CHARS,
            "description": "Speak it as it is.",
        },
        "ask": {
            "type": "boolean",
            "description": "Whether `say` is a question: listen for the answer.",
        },
        "intent": {"type": "string", "description": "What the sentence was understood to mean."},
        "updates": {
            "type": "array",
            "description": "What finished meanwhile; `say` speaks the first of it.",
            "items": {
                "type": "object",
                "properties": {
                    "say": {"type": "string"},
                    "status": {"type": "string"},
                    "title": {"type": ["string", "null"]},
                },
            },
        },
        "conversation": {"type": "string"},
    },
}
_REPEATED: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same as request_id.",
    "schema": {"type": "string"},
}
_EXAMPLE: Json = {"text": "ask Claude Code to add a rate limiter to billing", "door": "siri"}
_EXAMPLE_REPLY: Json = {
    "say": "I gave it to Claude Code.",
    "ask": False,
    "intent": "delegate",
    "updates": [],
    "conversation": "key_…:siri",
}


def say_path(schemes: tuple[str, ...]) -> Json:
    """The path and its operation."""
    keys = [scheme for scheme in schemes if scheme != "lease"]
    problems = {str(s): {"$ref": f"#/components/responses/Problem{s}"} for s in _ERRORS}
    return {
        "/v1/say": {
            "post": {
                "operationId": "say",
                "summary": "Answer a spoken sentence with a sentence to speak.",
                "description": "Rule-based, in English and German, without a model. With a valid"
                " key, every answer is 200 and can be spoken, whatever was sent.",
                "tags": ["commands"],
                "security": [{key: [Scope.SAY.value]} for key in keys],
                "parameters": [_REPEATED],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": _REQUEST, "example": _EXAMPLE},
                        "text/plain": {"schema": _TEXT},
                    },
                },
                "responses": {
                    "200": {
                        "description": "Success",
                        "content": {
                            "application/json": {"schema": _REPLY, "example": _EXAMPLE_REPLY},
                            "text/plain": {"schema": {"type": "string"}},
                        },
                    },
                    **problems,
                },
            }
        }
    }
