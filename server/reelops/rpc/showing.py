"""What a caller shows: credentials, organisation, and where the call comes from."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from reelops.core.identity.networks import Address, TrustedNetworks, host_of, parse_address
from reelops.rpc.answering import Answer
from reelops.surfaces.context import Context


@dataclass(frozen=True, slots=True)
class Shown:
    """A call's credentials, and its addresses as they were written.

    `peer` is who is connected to the server. `clients` are those on whose behalf it says to call: the edge's caller
    first, then whom proxies before the edge name. They may be made up where the peer is a stranger. `origins` are the
    web pages that make the call.
    """

    authorization: str | bytes | None
    org_ids: tuple[str | bytes, ...]
    peer: str
    clients: tuple[str, ...]
    origins: tuple[str, ...]

    @classmethod
    def of(cls, context: Context | Answer) -> Shown:
        """Reads a call's metadata."""
        shown: dict[str, list[str | bytes]] = {}
        for key, value in context.invocation_metadata() or ():
            shown.setdefault(key, []).append(value)
        authorization = shown.get("authorization", [])
        forwarded = ",".join(map(str, shown.get("x-forwarded-for", ())))
        return cls(
            # Several credentials together are none that anybody knows.
            authorization=b"\n".join(map(_as_bytes, authorization)) if authorization else None,
            org_ids=tuple(shown.get("x-org-id", ())),
            peer=context.peer(),
            clients=(*map(str, shown.get("x-client-address", ())), *(forwarded.split(",") if forwarded else ())),
            origins=tuple(map(str, shown.get("origin", ()))),
        )

    def is_within(self, networks: TrustedNetworks) -> bool:
        """Whether the call comes from trusted hosts alone: the peer, and everybody for whom it calls.

        Pages of other sites make the browsers of trusted hosts call, too: those do not count.
        """
        addresses = (_peer_address(self.peer), *map(parse_address, self.clients))
        return all(address in networks for address in addresses) and all(map(networks.has_page, self.origins))

    def host(self, networks: TrustedNetworks) -> str:
        """Names the host that is to be counted: whom the edge or a trusted peer names, else the peer itself."""
        peer = _peer_address(self.peer)
        believed = peer is not None and (peer.is_loopback or peer in networks)
        named = parse_address(self.clients[0]) if self.clients and believed else None
        return host_of(named or peer)


def _peer_address(peer: str) -> Address | None:
    """Reads `ipv4:127.0.0.1:50051` and `ipv6:%5B::1%5D:50051`."""
    kind, _, rest = unquote(peer).partition(":")
    if kind not in ("ipv4", "ipv6"):
        return None
    return parse_address(rest.rpartition(":")[0].strip("[]").partition("%")[0])


def _as_bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
