"""Who a header stands for."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reelops.core.identity import BasicAccount, Identity, Principal, Role
from reelops.errors import Unauthenticated, Unavailable

IDENTITY = Identity(
    {"admin": ["a-token"], "operator": ["o:token", "zweites-tökén"]}, BasicAccount("ann", "pass:wörd", Role.viewer)
)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("header", ["Bearer a-token", "bearer a-token", "BEARER   a-token ", b"Bearer a-token"])
def test_a_bearer_token_is_known_by_its_role(header: str | bytes) -> None:
    assert IDENTITY.authenticate(header) == Principal("token:admin", Role.admin)


def test_tokens_may_hold_colons_and_other_scripts() -> None:
    assert IDENTITY.authenticate("Bearer o:token").name == "token:operator"
    assert IDENTITY.authenticate("Bearer zweites-tökén").role is Role.operator


def test_a_basic_user_is_known_by_name() -> None:
    assert IDENTITY.authenticate(basic("ann:pass:wörd")) == Principal("basic:ann", Role.viewer)


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer a-toke", "a-token", "Digest a-token", "Basic !!!", "Basic YQ", basic("ann:x"),
     basic("ann"), "Bearer \udcff\ud800", b"\x00\xff", "Basic \udcff", "Bearer " + "x" * 100_000],
)  # fmt: skip
def test_anything_else_is_refused(header: str | bytes) -> None:
    with pytest.raises(Unauthenticated) as caught:
        IDENTITY.authenticate(header)
    assert caught.value.code == "CREDENTIALS_INVALID"


@pytest.mark.parametrize("header", [None, "", b""])
def test_no_header_is_told_apart(header: str | bytes | None) -> None:
    with pytest.raises(Unauthenticated) as caught:
        IDENTITY.authenticate(header)
    assert caught.value.code == "CREDENTIALS_MISSING"


@given(st.one_of(st.binary(), st.text(st.characters(codec=None))), st.sampled_from(["Bearer ", "Basic ", ""]))
def test_no_bytes_break_it(value: bytes | str, scheme: str) -> None:
    header = scheme + value if isinstance(value, str) else scheme.encode() + value
    with pytest.raises(Unauthenticated):
        IDENTITY.authenticate(header)


def test_without_any_credentials_configured_it_says_so() -> None:
    nobody = Identity({})
    assert not nobody.is_configured
    with pytest.raises(Unavailable) as caught:
        nobody.authenticate("Bearer a-token")
    assert caught.value.code == "AUTH_NOT_CONFIGURED"


def test_an_empty_password_never_logs_in_where_no_basic_user_is_configured() -> None:
    with pytest.raises(Unauthenticated):
        Identity({"admin": ["x"]}).authenticate(basic(":"))
