"""Who is let in to which method, and how often."""

from __future__ import annotations

from dataclasses import dataclass

from reelops import errors
from reelops.core.identity import Identity, Principal, authorize
from reelops.core.identity.limits import Allowance, RateLimits
from reelops.core.identity.networks import TrustedNetworks
from reelops.core.identity.organisations import Organisations, same_org
from reelops.rpc.answering import Headers
from reelops.rpc.rules import Access, MethodRule
from reelops.rpc.showing import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Everything by which callers are known, and their limits."""

    identity: Identity
    organisations: Organisations
    networks: TrustedNetworks
    limits: RateLimits

    async def identify(self, rule: MethodRule, shown: Shown) -> Principal | None:
        """Returns who calls, None where that does not matter.

        Raises `Unauthenticated`, `Forbidden` and `Unavailable`.
        """
        if rule.access is Access.public:
            return None
        caller = await self._find(rule, shown)
        authorize(caller, rule.role)
        return caller

    async def count(self, rule: MethodRule, shown: Shown, caller: Principal | None) -> Allowance:
        """Counts the call for its organisation, or for the host where nobody is known, and says what is left."""
        who = f"org:{caller.org_id}" if caller is not None else f"host:{shown.host(self.networks)}"
        if rule.uncounted and caller is None and rule.access is not Access.public:
            # Somebody who was refused: guessing counts everywhere.
            return await self.limits.count(rule.surface, who)
        if rule.uncounted:
            return await self.limits.look(rule.surface, who)
        return await self.limits.count(rule.surface, who)

    async def _find(self, rule: MethodRule, shown: Shown) -> Principal:
        if rule.access is Access.org:
            return await self.organisations.authenticate(shown.authorization, shown.org_ids)
        if rule.access is Access.service:
            return await self._find_service(shown)
        try:
            return self.identity.authenticate(shown.authorization)
        except (errors.Unauthenticated, errors.Unconfigured):
            # Jobs are everybody's who can have some; each sees their own.
            if rule.surface != "jobs" or not shown.authorization:
                raise
        return await self.organisations.authenticate(shown.authorization, shown.org_ids)

    async def _find_service(self, shown: Shown) -> Principal:
        if shown.authorization is not None or not shown.is_within(self.networks):
            return await self.organisations.authenticate(shown.authorization, shown.org_ids)
        network = self.networks.principal
        if shown.org_ids:
            same_org(network.org_id, shown.org_ids)
        return network


def rate_headers(allowance: Allowance) -> Headers:
    """Spells what is left for callers."""
    return (
        ("x-ratelimit-limit", str(allowance.limit)),
        ("x-ratelimit-remaining", str(allowance.remaining)),
        ("x-ratelimit-reset", str(allowance.reset_at)),
    )
