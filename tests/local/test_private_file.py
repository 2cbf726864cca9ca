"""Files for their owner alone."""

from pathlib import Path

import pytest

from aiwebhook.private_file import write_private

pytestmark = pytest.mark.req("O5")


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "one")
    write_private(tmp_path / "key", "two")

    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "key").read_text() == "two"


def test_one_that_cannot_be_written_leaves_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "before")
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "key", "half\ud800")

    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").read_text() == "before"
