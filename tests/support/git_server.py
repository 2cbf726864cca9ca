"""A Git host on loopback: git's own smart HTTP server behind Basic authentication, and the part of
GitHub's REST API that opens pull requests (shapes from docs.github.com/rest/pulls/pulls).

    with running_git_host(folder, token="…") as host:
        host.create("octo/app", {"README": "hello\n"})
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

API = "/api/v3"
DOCUMENTATION = "https://docs.github.com/rest/pulls/pulls#create-a-pull-request"
SEARCH_PATH = os.defpath
_PLAIN = {
    "PATH": SEARCH_PATH,
    "HOME": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TEMPLATE_DIR": "",  # no sample hooks: a dozen files to write and to remove for each
    "GIT_AUTHOR_NAME": "A person",
    "GIT_AUTHOR_EMAIL": "person@example.com",
    "GIT_COMMITTER_NAME": "A person",
    "GIT_COMMITTER_EMAIL": "person@example.com",
}


def git(folder: Path, *arguments: str, stdin: str | None = None, **env: str) -> str:
    """git as a person runs it, without the machine's configuration."""
    done = subprocess.run(
        ["git", "-c", "safe.directory=*", "-c", "protocol.file.allow=always", *arguments],
        cwd=folder,
        env=_PLAIN | env,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"git {arguments}: {done.stderr}"
    return done.stdout.strip()


def write_files(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request, as a proxy would see it."""

    method: str
    path: str
    authorization: str | None


@dataclass
class GitHost:
    """`rights` of the token: none, read, write (push, no pull requests) or all."""

    folder: Path
    url: str
    token: str
    rights: str = "all"
    drafts: bool = True
    public: bool = False
    protocol: bool = True
    """False: an old server, which gives only the tips of branches and tags."""
    refusal: str = "Write access to repository not granted."
    requests: list[Seen] = field(default_factory=list[Seen])
    pulls: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    @property
    def api_url(self) -> str:
        return self.url + API

    def path(self, slug: str) -> Path:
        return self.folder / f"{slug}.git"

    def create(self, slug: str, files: dict[str, str] | None = None) -> Path:
        """A bare repository, with one commit on main if there are files."""
        bare = self.path(slug)
        bare.mkdir(parents=True)
        git(bare, "init", "-q", "--bare", "-b", "main")
        (bare / "hooks").mkdir()
        git(bare, "config", "http.receivepack", "true")
        if files:
            self.commit(slug, files)
        return bare

    def commit(self, slug: str, files: dict[str, str], *, branch: str = "main") -> str:
        """Somebody commits to a branch, a new one begins at main; in one process. The commit."""
        bare = self.path(slug)
        branches = git(bare, "for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()
        parent = branch if branch in branches else "main" if "main" in branches else None
        git(
            bare,
            "fast-import",
            "--quiet",
            "--date-format=now",
            stdin=_commit_stream(files, branch, parent),
        )
        return git(bare, "rev-parse", f"refs/heads/{branch}")


def _commit_stream(files: dict[str, str], branch: str, parent: str | None) -> str:
    def data(text: str) -> str:
        return f"data {len(text.encode())}\n{text}"

    lines = [
        f"commit refs/heads/{branch}",
        f"committer {_PLAIN['GIT_COMMITTER_NAME']} <{_PLAIN['GIT_COMMITTER_EMAIL']}> now",
        data(f"Change {', '.join(files)}\n"),
    ]
    if parent:
        lines.append(f"from refs/heads/{parent}^0")
    for name, text in files.items():
        lines += [f'M 100644 inline "{name}"', data(text)]
    return "\n".join([*lines, ""])


@contextmanager
def running_git_host(folder: Path, *, token: str = "") -> Generator[GitHost]:
    """Serves `folder` on a free port."""

    class Handler(_Handler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = GitHost(folder=folder, url=f"http://127.0.0.1:{server.server_port}", token=token)
    Handler.host = host
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    host: GitHost
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 the base's name

    def _serve(self) -> None:
        authorization = self.headers.get("authorization")
        body = self._body()
        self.host.requests.append(
            Seen(method=self.command, path=self.path, authorization=authorization)
        )
        if self.path.startswith(API):
            self._api(authorization, body)
        else:
            self._git(authorization, body)

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    # ── git ───────────────────────────────────────────────────────────────────────────────────────

    def _git(self, authorization: str | None, body: bytes) -> None:
        host = self.host
        basic = base64.b64encode(f"x-access-token:{host.token}".encode()).decode()
        writes = "git-receive-pack" in self.path
        known = authorization == f"Basic {basic}"
        if not known and (writes or not host.public):
            self._answer(401, b"who are you", WWW_Authenticate='Basic realm="git"')
            return
        if known and (host.rights == "none" or (writes and host.rights == "read")):
            self._answer(403, host.refusal.encode(), Content_Type="text/plain")
            return
        self._backend(body)

    def _backend(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        version = self.headers.get("git-protocol", "")
        done = subprocess.run(
            ["git", "http-backend"],
            env=_PLAIN
            | {
                "GIT_PROJECT_ROOT": str(self.host.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "CONTENT_TYPE": self.headers.get("content-type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
                "HTTP_GIT_PROTOCOL": version if self.host.protocol else "",
                "REMOTE_USER": "tester",
                "REMOTE_ADDR": "127.0.0.1",
            },
            input=body,
            capture_output=True,
            check=False,
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(fields.pop("Status", "200").split()[0])
        self._answer(status, content, **fields)

    # ── GitHub ────────────────────────────────────────────────────────────────────────────────────

    def _api(self, authorization: str | None, body: bytes) -> None:
        parts = urlsplit(self.path)
        if authorization != f"Bearer {self.host.token}":
            self._told(401, {"message": "Bad credentials"})
        elif self.host.rights != "all":
            self._told(403, {"message": "Resource not accessible by personal access token"})
        else:
            assert self.headers["x-github-api-version"] == "2022-11-28"
            assert self.headers["accept"] == "application/vnd.github+json"
            slug = parts.path.removeprefix(f"{API}/repos/").removesuffix("/pulls")
            if not self.host.path(slug).exists():
                self._told(404, {"message": "Not Found"})
            elif self.command == "GET":
                self._listed(parse_qs(parts.query))
            else:
                self._open(slug, json.loads(body))

    def _listed(self, query: dict[str, list[str]]) -> None:
        found = [
            pull
            for pull in self.host.pulls
            if pull["head"]["label"] == query["head"][0] and pull["state"] == query["state"][0]
        ]
        self._answer(200, json.dumps(found).encode(), Content_Type="application/json")

    def _open(self, slug: str, asked: dict[str, Any]) -> None:
        branches = git(self.host.path(slug), "for-each-ref", "--format=%(refname:short)")
        label = f"{slug.partition('/')[0]}:{asked['head']}"
        if asked["draft"] and not self.host.drafts:
            message = "Draft pull requests are not supported in this repository."
            self._told(422, {"message": message})
            return
        for name in ("head", "base"):
            if asked[name] not in branches.splitlines():
                error = {"resource": "PullRequest", "field": name, "code": "invalid"}
                self._told(422, {"message": "Validation Failed", "errors": [error]})
                return
        if any(pull["head"]["label"] == label for pull in self.host.pulls):
            message = f"A pull request already exists for {label}."
            error = {"resource": "PullRequest", "code": "custom", "message": message}
            self._told(422, {"message": "Validation Failed", "errors": [error]})
            return
        number = len(self.host.pulls) + 1
        pull = {
            "number": number,
            "state": "open",
            "html_url": f"https://github.com/{slug}/pull/{number}",
            "title": asked["title"],
            "body": asked["body"],
            "draft": asked["draft"],
            "head": {"label": label, "ref": asked["head"]},
            "base": {"ref": asked["base"]},
        }
        self.host.pulls.append(pull)
        self._answer(201, json.dumps(pull).encode(), Content_Type="application/json")

    def _told(self, status: int, body: dict[str, Any]) -> None:
        full = body | {"documentation_url": DOCUMENTATION, "status": str(status)}
        self._answer(status, json.dumps(full).encode(), Content_Type="application/json")
