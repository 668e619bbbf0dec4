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


def test_there_is_a_client_of_the_default_organisation(tmp_path: Path) -> None:
    client = create_credentials(tmp_path / "credentials.json", org_id="house").service_client
    assert (client.client_id, client.org_id) == ("local", "house")
    assert len(client.client_secret) >= 40
    assert client.client_secret not in repr(client)


def test_a_file_without_a_client_gains_one_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    old = {"tokens": {"admin": "x"}, "audit_signing_key": "00", "audit_signing_key_id": "local-1", "note": "kept"}
    path.write_text(json.dumps(old))
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(create_credentials, [path] * 16))
    assert all(one == made[0] for one in made)
    kept = json.loads(path.read_text())
    assert {name: kept[name] for name in old} == old
    assert kept["service_client"]["client_secret"] == made[0].service_client.client_secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["credentials.json"]


def test_a_broken_client_is_told(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    create_credentials(path)
    plain = json.loads(path.read_text())
    path.write_text(json.dumps({**plain, "service_client": {"client_id": "local"}}))
    with pytest.raises(Invalid):
        create_credentials(path)
