"""Bodies that a relay must not touch, because somebody signed them as they are."""

from __future__ import annotations

import gzip
from urllib.parse import quote_plus

ODD_BODIES: list[bytes] = [
    b'{"zen":"Design for failure."}',
    b'{ "zen" : "caf\\u00e9" ,\n "n": 12345678901234567890, "f": 1.0, "a":1,"a":2 }\r\n',
    b'{"action":"opened","action":"closed","repository":{"full_name":"a/b"}}',
    b'\xef\xbb\xbf{"bom": true}',
    b'{"lone": "\\ud800", "nul": "\\u0000", "action": "\\ud800\\u0000x"}',
    b'{"action": {"not": "text"}, "repository": ["nor", "an", "object"]}',
    b'{"__proto__": {"x": 1}, "s": "\\/"}\n',
    b"null",
    b"[]",
    b'"text"',
    b"NaN",
    b'{"n": [NaN, Infinity, -0.0, 1e400]}',
    b"[" * 100_000,
    b'{"n": ' + b"9" * 10_000 + b"}",
    b'{"raw nul": "\x00"}',
    '{"wide": "ü"}'.encode("utf-16"),
    b"\xff\xfe\x00 not text at all",
    gzip.compress(b'{"zen": "Keep it logically awesome."}', mtime=0),
    b"payload=" + quote_plus('{"action": "opened", "repository": {"full_name": "o/r"}}').encode(),
    b"payload=%7B%22a%22%3A+1%7D&payload=%7b%22a%22%3a%202%7d",
    b"payload=%zz&payload={}&a=1",
    b"\n",
]
