"""The credentials file of an embedded run."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from reelops.errors import Invalid
from reelops.infra.security import create_credentials, load_credentials


def test_the_first_start_makes_secrets_that_only_the_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "data" / "credentials.json"
    made = create_credentials(path)
    assert set(made.tokens) == {"admin", "operator", "viewer"}
    assert len(set(made.tokens.values())) == 3
    assert len(bytes.fromhex(made.audit_signing_key)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_credentials(path) == made == create_credentials(path)
    assert made.tokens["admin"] not in repr(made)


def test_many_first_starts_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(create_credentials, [path] * 32))
    assert all(one == made[0] for one in made)
    assert [file.name for file in tmp_path.iterdir()] == ["credentials.json"]


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({"tokens": {}, "audit_signing_key": "x"}), "\x00"])
def test_a_broken_file_is_told_and_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(content)
    with pytest.raises(Invalid) as caught:
        create_credentials(path)
    assert caught.value.code == "CREDENTIALS_UNREADABLE"
    assert path.read_text() == content


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        load_credentials(tmp_path / "nothing.json")
    assert caught.value.code == "CREDENTIALS_MISSING"
