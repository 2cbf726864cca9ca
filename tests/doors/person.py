"""A person at a browser: `person.py SIGN_IN_CODE URL`, as the browser that a CLI opens.

Fills in the code, presses *Allow*, and goes where the page leads.
"""

from __future__ import annotations

import html
import re
import sys

import httpx

HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
LEADS_TO = re.compile(r'<meta http-equiv="refresh" content="0;url=([^"]*)">')


def sign_in(code: str, url: str) -> str:
    """The address that the person was led back to."""
    with httpx.Client(timeout=60) as browser:
        page = browser.get(url)
        hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(page.text)}
        assert hidden, page.text
        form = {**hidden, "sign_in_code": code, "decision": "allow"}
        left = browser.post(page.url.join("/authorize"), data=form)
        found = LEADS_TO.search(left.text)
        assert found is not None, left.text
        back = html.unescape(found[1])
        browser.get(back)
    return back


if __name__ == "__main__":
    sys.stdout.write(f"led back to {sign_in(*sys.argv[1:])}\n")
