"""What moto and botocore would do again for each test, done once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest


@pytest.fixture(scope="session")
def quick_moto() -> Iterator[None]:
    """Ask for this wherever boto3 is used in the process of the tests.

    botocore finds and parses a service's description for each session, and a session shares it
    among its clients, so nobody writes to it; here all sessions share it. moto makes hundreds
    of Amazon's images, each with a volume and a snapshot, for each Region and test: nothing
    asks for those.
    """
    from botocore.loaders import JSONFileLoader, Loader  # noqa: PLC0415 - most runs need no boto3

    @cache
    def read_once(path: str) -> Any:
        return read(JSONFileLoader(), path)

    def load_file(_loader: JSONFileLoader, path: str) -> Any:
        return read_once(path)

    @cache
    def look_once(paths: tuple[str, ...], kind: str) -> Any:
        return look(Loader(extra_search_paths=[*paths], include_default_search_paths=False), kind)

    def list_available_services(loader: Loader, type_name: str) -> Any:
        return [*look_once((*loader.search_paths,), type_name)]

    read, look = JSONFileLoader.load_file, Loader.list_available_services
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load_file)
        patch.setattr(Loader, "list_available_services", list_available_services)
        patch.setitem(os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # noqa: TID251 - moto reads it there
        yield
