"""How the pages for people look: one sheet of style, no script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f3f4f7; --card: #fff; --field: #f7f8fa; --line: #d9dde5; --text: #171a21;
  --soft: #5a6272; --accent: #3350cc; --on-accent: #fff; --good: #1a7347;
  --bad: #a3241c; --bad-page: #fdecea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0e1015; --card: #171a21; --field: #0f1218; --line: #2e3440; --text: #eceef3;
    --soft: #a3aaba; --accent: #93a8ff; --on-accent: #0e1015; --good: #72d6a3;
    --bad: #ffb4ab; --bad-page: #3a1714;
  }
}
* { box-sizing: border-box }
body {
  margin: 0; min-height: 100vh; min-height: 100dvh; padding: 24px 16px;
  display: grid; place-items: center; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
main {
  width: 100%; max-width: 448px; padding: 32px; background: var(--card);
  border: 1px solid var(--line); border-radius: 16px; box-shadow: 0 12px 32px #00000012;
  overflow-wrap: anywhere;
}
.brand {
  display: grid; grid-template-columns: auto 1fr; align-items: center; gap: 0 12px;
  margin: 0 0 22px; font-size: 14px; line-height: 1.4;
}
.brand b { font-weight: 600 }
.brand span { color: var(--soft); font-size: 13px }
.brand i {
  grid-row: span 2; width: 32px; height: 32px; border: 10px solid var(--accent);
  border-radius: 10px;
}
h1 { margin: 0 0 6px; font-size: 22px; line-height: 1.3; font-weight: 650; letter-spacing: -.01em }
.who { margin: 0 0 22px; color: var(--soft); font-size: 15px }
.who:last-child { margin-bottom: 0 }
.who strong { color: var(--text); font-weight: 600 }
h2 { margin: 0 0 6px; font-size: 14px; font-weight: 600 }
ul { margin: 0 0 18px; padding: 0; list-style: none; font-size: 15px }
li { position: relative; padding: 2px 0 2px 26px }
li:before { position: absolute; left: 2px; color: var(--good); font-weight: 700; content: "\\2713" }
.not li { color: var(--soft) }
.not li:before { color: var(--soft); font-weight: 400; content: "\\2715" }
label { display: block; margin: 0 0 6px; font-size: 14px; font-weight: 600 }
input {
  width: 100%; padding: 12px 14px; color: var(--text); background: var(--field);
  border: 1px solid var(--line); border-radius: 10px; letter-spacing: .03em;
  font: 17px/1.3 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
input::placeholder { color: var(--soft); opacity: .55 }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.hint { margin: 8px 0 20px; color: var(--soft); font-size: 13px }
code {
  padding: 1px 5px; border: 1px solid var(--line); border-radius: 5px; background: var(--field);
  white-space: nowrap;
  font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
}
.buttons { display: flex; flex-direction: row-reverse; gap: 12px }
button, .button {
  flex: 1; display: block; padding: 12px 16px; color: var(--text); background: transparent;
  border: 1px solid var(--line); border-radius: 10px; cursor: pointer;
  font: inherit; font-weight: 600; text-align: center; text-decoration: none;
}
button:hover, .button:hover { border-color: var(--accent) }
.main { color: var(--on-accent); background: var(--accent); border-color: var(--accent) }
.main:hover { filter: brightness(1.08) }
.fault {
  margin: 0 0 16px; padding: 10px 14px; border-radius: 10px; font-size: 14px;
  color: var(--bad); background: var(--bad-page);
}
.foot {
  margin: 22px 0 0; padding: 16px 0 0; border-top: 1px solid var(--line);
  color: var(--soft); font-size: 13px;
}
@media (max-width: 420px) {
  body { padding: 0; place-items: stretch }
  main { padding: 24px 20px; border: 0; border-radius: 0; box-shadow: none }
}
"""
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
PAGE_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # form-action holds for redirects that follow a form, too: so no form is answered with one, and
    # the way back to the client is a page (leave.html).
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With no-referrer a browser sends "Origin: null" along with the form.
    "Referrer-Policy": "same-origin",
}
