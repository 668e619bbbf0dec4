"""The parts of the Python client that need no service."""

from __future__ import annotations

import json

import grpc
import pytest
import reelops_client
from reelops_client import rpcs, verify_export
from reelops_client.connection import Connection, Tls
from reelops_client.errors import Conflict, Internal, Unavailable, from_status
from reelops_client.transport import Rpc

from tests.clients.sopilot_fake import exports
from tests.clients.sopilot_fake.guard import SERVICES


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "target", "encrypted"),
        [
            ("localhost:50051", "localhost:50051", False),
            ("localhost", "localhost:50051", False),
            ("[::1]:9000", "[::1]:9000", False),
            ("http://reelops.example:8000", "reelops.example:8000", False),
            ("http://[::1]:8000/", "[::1]:8000", False),
            ("https://reelops.example", "reelops.example:443", True),
            ("reelops.example:50051", "reelops.example:50051", True),
            ("unix:/run/reelops.sock", "unix:/run/reelops.sock", False),
        ],
    )
    def test_an_address_is_read(self, address: str, target: str, encrypted: bool) -> None:
        connection = Connection.of(address)
        assert connection.target == target
        assert (connection.tls is not None) == encrypted

    def test_tls_can_be_said(self) -> None:
        assert Connection.of("reelops.example:1", tls=False).tls is None
        assert Connection.of("localhost:1", tls=Tls(server_name="x")).tls == Tls(server_name="x")

    @pytest.mark.parametrize("address", ["", "ftp://x", "http://", "http://x/path", "https://u:p@x"])
    def test_another_address_is_refused(self, address: str) -> None:
        with pytest.raises(ValueError, match="address"):
            Connection.of(address)

    def test_an_address_and_tls_may_not_contradict(self) -> None:
        with pytest.raises(ValueError, match="contradict"):
            Connection.of("http://x:1", tls=True)

    @pytest.mark.parametrize("token", ["", "ünicode", "two\nlines"])
    def test_a_token_that_no_header_can_carry_is_refused(self, token: str) -> None:
        with pytest.raises(ValueError, match="token"):
            Connection.of("localhost", token=token)

    def test_a_token_and_a_password_together_are_refused(self) -> None:
        with pytest.raises(ValueError, match="not both"):
            Connection.of("localhost", token="x", basic=("a", "b"))

    def test_secrets_are_not_shown(self) -> None:
        assert "hush" not in repr(Connection.of("localhost", token="hush"))


def test_every_method_of_the_table_is_one_of_the_protos() -> None:
    known = {
        (service.full_name, method.name): (method.input_type.full_name, method.output_type.full_name)
        for service in SERVICES
        for method in service.methods
    }
    table = [value for value in vars(rpcs).values() if isinstance(value, Rpc)]
    for rpc in table:
        said = (rpc.request.DESCRIPTOR.full_name, rpc.response.DESCRIPTOR.full_name)
        assert known[rpc.service, rpc.name] == said
    # The two forms are what REST has in the place of UploadVideo.
    assert set(known) - {(rpc.service, rpc.name) for rpc in table} == {
        ("reelops.api.sopilot.v1.IngestService", "UploadVideoForm"),
        ("reelops.api.sopilot.v1.IngestService", "UploadGoldForm"),
    }


def test_the_blocking_client_has_every_method_of_the_asyncio_one() -> None:
    with reelops_client.ReelOps("localhost:1") as blocking:
        for path in ("jobs", "sopilot", "sopilot.videos", "sopilot.scores", "sopilot.audit"):
            facade: object = blocking
            for name in path.split("."):
                facade = getattr(facade, name)
            inner = next(value for value in vars(facade).values() if type(value).__name__.startswith("Async"))
            wanted = {name for name in dir(inner) if not name.startswith("_")}
            assert wanted <= set(dir(facade))


class TestErrors:
    def test_unreadable_details_do_not_hide_the_failure(self) -> None:
        error = from_status(
            grpc.StatusCode.FAILED_PRECONDITION,
            "It has ended.",
            (("grpc-status-details-bin", b"\xff\xff\xff"), ("x-error-code", "JOB_FINISHED")),
            request_id="sent",
        )
        assert isinstance(error, Conflict)
        assert (error.reason, error.message, error.request_id) == ("JOB_FINISHED", "It has ended.", "sent")

    def test_a_stream_that_a_proxy_reset_is_a_lost_connection(self) -> None:
        message = "Stream removed (RST_STREAM (Received RST_STREAM with error code 2))"
        lost = from_status(grpc.StatusCode.INTERNAL, message, (), request_id="")
        assert type(lost) is Unavailable
        said = from_status(grpc.StatusCode.INTERNAL, message, (("x-error-code", "BROKEN"),), request_id="")
        assert type(said) is Internal

    def test_every_status_has_an_error(self) -> None:
        for code in grpc.StatusCode:
            error = from_status(code, None, (), request_id="")
            assert str(error)
        assert type(from_status(grpc.StatusCode.DATA_LOSS, "x", (), request_id="")) is Internal


class TestExports:
    def test_a_genuine_export_passes(self) -> None:
        check = verify_export(exports.export_file(500), exports.KEY)
        assert check.genuine
        assert (check.key_id, check.item_count) == (exports.KEY_ID, 3)

    def test_another_key_does_not_fit(self) -> None:
        problems = verify_export(exports.export_file(500), "another key").problems
        assert len(problems) == 1
        assert "signature does not fit" in problems[0]

    def test_a_changed_byte_is_noticed(self) -> None:
        data = exports.export_file(500).replace(b"87.5", b"97.5", 1)
        problems = " ".join(verify_export(data, exports.KEY).problems)
        assert "digest" in problems
        assert "entry 3 is not as it was written" in problems

    def test_a_removed_entry_is_noticed_even_where_the_file_was_signed_again(self) -> None:
        data = json.loads(exports.export_file(500))
        del data["payload"]["items"][1]
        forged = (
            b'{"payload":'
            + exports.spelled(data["payload"])
            + b',"signature":'
            + exports.spelled(data["signature"])
            + b"}"
        )
        problems = " ".join(verify_export(forged, exports.KEY).problems)
        assert "2 entries are in the file where it claims 3" in problems
        assert "entry 3 does not follow the one before it" in problems

    @pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"payload":{},"signature":{}}', b"%PDF", b'{"payload":'])
    def test_what_is_no_export_is_refused(self, data: bytes) -> None:
        with pytest.raises(ValueError, match="not an audit export"):
            verify_export(data, "key")

    def test_an_export_cut_anywhere_is_refused_or_found_out(self) -> None:
        whole = exports.export_file(500)
        for length in range(0, len(whole) - 1, 7):
            try:
                assert not verify_export(whole[:length], exports.KEY).genuine
            except ValueError:
                continue
