"""Roles and the setting that hands them out."""

import pytest
from reelops.core.identity import BasicAccount, Principal, Role, authorize, parse_role_tokens
from reelops.errors import Forbidden, Unauthenticated


def test_each_role_may_do_what_the_ones_below_may() -> None:
    assert Role.public < Role.viewer < Role.operator < Role.admin
    authorize(Principal("token:admin", Role.admin), Role.viewer)
    authorize(Principal("token:viewer", Role.viewer), Role.viewer)
    authorize(None, Role.public)


def test_a_lower_role_is_told_which_one_it_needs() -> None:
    with pytest.raises(Forbidden, match="needs the admin role") as caught:
        authorize(Principal("token:operator", Role.operator), Role.admin)
    assert caught.value.code == "ROLE_REQUIRED"
    with pytest.raises(Unauthenticated):
        authorize(None, Role.viewer)


def test_role_tokens_may_be_several_and_hold_colons() -> None:
    assert parse_role_tokens(" admin:a:b:c , viewer:x,viewer:y ") == {"admin": ("a:b:c",), "viewer": ("x", "y")}
    assert parse_role_tokens("  ") == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("admin:geheim,root:geheim2", "token 2 names no role"),
        ("public:geheim", "names no role"),
        ("admin:", r"token 1 \(admin\) is empty"),
        ("geheim", "not of the form role:token"),
        ("admin:geheim,", "token 2 is not of the form"),
        ("admin:geheim,viewer:geheim", "there twice"),
    ],
)
def test_wrong_role_tokens_are_refused_with_the_reason_and_not_repeated(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_role_tokens(text)
    assert "geheim" not in str(caught.value)


def test_a_basic_account_that_nobody_could_use_is_refused() -> None:
    with pytest.raises(ValueError, match="password"):
        BasicAccount("ann", "", Role.viewer)
    with pytest.raises(ValueError, match="colon"):
        BasicAccount("a:b", "x", Role.viewer)
    assert "geheim" not in repr(BasicAccount("ann", "geheim", Role.viewer))
