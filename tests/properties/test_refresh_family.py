"""However refresh tokens are used, by several at once and in any order: all tokens of a connection
are one family, which ends as a whole as soon as a used one comes back after its grace.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwebhook.domain.identity import hash_of_key
from aiwebhook.domain.oauth import GRACE_S, TokenOffer
from aiwebhook.usecases.oauth_services import OAuthServices
from aiwebhook.usecases.oauth_tokens import TokenPair, refresh
from aiwebhook_local.postgres import EmbeddedPostgres
from tests.support.oauth import CLIENT_URL, RESOURCE, Connecting
from tests.support.postgres import clone
from tests.support.session_api import ApiDriver, session_api_on

pytestmark = pytest.mark.req("O7")
OFFER = TokenOffer(client_id=CLIENT_URL, resource=RESOURCE)
LATER_S = 70
STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 9), st.integers(1, 3)),
        st.just(None),
    ),
    min_size=4,
    max_size=8,
)
"""Which of the tokens so far is shown, by how many at once; or time passes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The function three times, as Lambda runs it for three requests at once."""

    driver: ApiDriver
    instances: list[OAuthServices]
    threads: ThreadPoolExecutor

    def refresh(self, token: str, at_once: int) -> list[object]:
        """What each of them answers."""

        def ask(each: OAuthServices) -> object:
            return refresh(each, token, OFFER)

        return list(self.threads.map(ask, self.instances[:at_once]))

    def connections_of(self, tokens: TokenPair) -> set[str]:
        """Whose tokens these are."""
        store = self.driver.api.oauth.store
        found = store.connection_of_refresh_token(hash_of_key(tokens.refresh_token))
        admitted = self.driver.api.authenticator.check_key(
            key_hash=hash_of_key(tokens.access_token), address=None
        )
        assert found is not None
        assert admitted is not None
        return {found.connection_id, admitted.key_id}


@pytest.fixture(scope="module")
def server(postgres_server: EmbeddedPostgres, migrated_template: str) -> Iterator[Server]:
    with (
        clone(postgres_server, migrated_template, "refresh_family") as dsn,
        ThreadPoolExecutor(3) as threads,
    ):
        driver = ApiDriver(dsn)
        instances = [session_api_on(dsn, driver.outside).oauth for _ in range(3)]
        yield Server(driver=driver, instances=instances, threads=threads)
        driver.outside.close()


@dataclass(slots=True, kw_only=True)
class Family:
    """What a client knows, and what should be; `used` is how long ago a token was used first."""

    tokens: list[str]
    used: dict[str, float] = field(default_factory=dict[str, float])
    ended: bool = False

    def expects(self, token: str) -> bool:
        """Whether it should yield a successor."""
        return not self.ended and self.used.get(token, 0) <= GRACE_S

    def saw(self, token: str) -> None:
        """It was shown."""
        self.ended = self.ended or self.used.get(token, 0) > GRACE_S
        if not self.ended:
            self.used.setdefault(token, 0)

    def waited(self) -> None:
        """Time passed."""
        self.used = {token: age + LATER_S for token, age in self.used.items()}


@settings(max_examples=12, derandomize=True, deadline=None)
@given(steps=STEPS)
def test_refreshes_make_one_family_that_ends_as_a_whole(
    server: Server, steps: list[tuple[int, int] | None]
) -> None:
    first = Connecting(driver=server.driver).connected()
    family = Family(tokens=[first["refresh_token"]])
    known: set[str] = set()
    for step in steps:
        if step is None:
            family.waited()
            server.driver.sql("UPDATE refresh_tokens SET used_at = used_at - interval '70 seconds'")
            continue
        token = family.tokens[step[0] % len(family.tokens)]
        expected = family.expects(token)
        answers = server.refresh(token, step[1])
        family.saw(token)
        for answer in answers:
            assert isinstance(answer, TokenPair) is expected, (family, answer)
            if isinstance(answer, TokenPair):
                known |= server.connections_of(answer)
                family.tokens.append(answer.refresh_token)
    assert len(known) <= 1, "a second family"
