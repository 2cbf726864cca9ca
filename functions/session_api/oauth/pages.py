"""The pages for people, as text. Everything that a client or a person said is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from aiwebhook.domain.identity import Scope
from aiwebhook.http import Response
from session_api.oauth.page_style import PAGE_HEADERS, STYLE

_CAN = {
    Scope.COMMANDS: (
        "Open, read and add to your sessions",
        "Save, search and forget memories",
        "Give tasks to your agents, answer and cancel them; agents may cost money",
    ),
    Scope.READ: ("Read your sessions, memories, tasks and results",),
}
_CANNOT = {
    Scope.COMMANDS: ("Manage keys, people, connections or callbacks",),
    Scope.READ: ("Change anything, or give tasks to agents",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the consent page says. `vouched`: the host itself publishes who the client is."""

    name: str
    host: str
    vouched: bool
    back_to: str
    scope: Scope
    deployment: str
    fault: str = ""


def consent(shown: Consent, fields: Mapping[str, str], *, status: int = 200) -> Response:
    """The page that asks a person."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    name = escape(shown.name or shown.host)
    host = f"<strong>{escape(shown.host)}</strong>"
    who = (
        f"This is a program of {host}."
        if shown.vouched
        else f"It chose this name itself; nobody has verified it. Access goes to {host}."
    )
    fault = f'<p class="fault" role="alert">{escape(shown.fault)}</p>' if shown.fault else ""
    body = f"""<h1>{name} wants to use your AI&nbsp;Webhook</h1>
<p class="who">{who}</p>
<h2>It will be able to</h2>
<ul>{_items(_CAN[shown.scope])}</ul>
<h2>It will not be able to</h2>
<ul class="not">{_items(_CANNOT[shown.scope])}</ul>
<form method="post" action="/authorize" autocomplete="off">{hidden}{fault}
<label for="code">Your sign-in code</label>
<input id="code" name="sign_in_code" placeholder="XXXX-XXXX-XXXX-XXXX" autocapitalize="characters"
 autocomplete="off" autocorrect="off" spellcheck="false" maxlength="60" aria-describedby="hint"
 autofocus>
<p class="hint" id="hint">Shown when this deployment was set up; it is not an API key.
 Lost it? <code>aiwebhook people reset owner</code></p>
<div class="buttons"><button class="main" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Cancel</button></div></form>
<p class="foot">Afterwards you return to {escape(shown.back_to)}. To end its access later:
 <code>aiwebhook connections revoke</code></p>"""
    return _page(f"Allow {shown.name or shown.host}?", body, shown.deployment, status=status)


def leave(url: str, *, back_to: str, allowed: bool, deployment: str) -> Response:
    """Takes the browser back to the client: a page of its own, because a redirect that follows a
    form is subject to form-action, along its whole chain.
    """
    heading = "You are connected" if allowed else "Nothing was allowed"
    target = escape(url)
    body = f"""<h1>{heading}</h1>
<p class="who">Going back to {escape(back_to)} …</p>
<a class="button main" href="{target}">Continue</a>"""
    refresh = f'<meta http-equiv="refresh" content="0;url={target}">'
    return _page(heading, body, deployment, head=refresh)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong, for a person; `back` is where the client would want to hear it."""

    title: str
    detail: str
    status: int = 400
    back: str = ""


def fault(what: Fault, *, deployment: str) -> Response:
    """A page that says what went wrong. It sends nobody anywhere by itself."""
    back = f'<a class="button" href="{escape(what.back)}">Go back</a>' if what.back else ""
    body = f'<h1>{escape(what.title)}</h1><p class="who">{escape(what.detail)}</p>{back}'
    return _page(what.title, body, deployment, status=what.status)


def _items(texts: tuple[str, ...]) -> str:
    return "".join(f"<li>{escape(text)}</li>" for text in texts)


def _page(title: str, body: str, deployment: str, *, status: int = 200, head: str = "") -> Response:
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)} · AI Webhook</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>{head}
</head>
<body>
<main>
<p class="brand"><i></i><b>AI Webhook</b> <span>{escape(deployment)}</span></p>
{body}
</main>
</body>
</html>
"""
    return Response(status=status, body=html, headers=dict(PAGE_HEADERS))
