"""Who calls, and what they may do."""

from reelops.core.identity.model import BasicAccount, Principal, Role, authorize, parse_role_tokens
from reelops.core.identity.service import Identity

__all__ = ["BasicAccount", "Identity", "Principal", "Role", "authorize", "parse_role_tokens"]
