"""AuthService: tokens for the clients of organisations, and the keys that verify them."""

from __future__ import annotations

from typing import Final

from reelops.api.wavestack.v1 import auth_service_pb2 as pb
from reelops.api.wavestack.v1 import auth_service_pb2_grpc
from reelops.core.identity.keys import SigningKey, SigningKeys
from reelops.core.identity.organisations import Organisations
from reelops.surfaces.context import Context

# A verifier that meets a key it does not know asks again; until then it may believe a retired one for as long as this.
_CACHED_SEC: Final = 60
_NOT_KEPT: Final = (("cache-control", "no-store"),)


class AuthServicer(auth_service_pb2_grpc.AuthServiceServicer):
    """Gives tokens and shows keys."""

    def __init__(self, *, organisations: Organisations, keys: SigningKeys) -> None:
        self._organisations = organisations
        self._keys = keys

    async def IssueToken(self, request: pb.IssueTokenRequest, context: Context) -> pb.IssueTokenResponse:
        issued = await self._organisations.issue(
            client_id=request.client_id, client_secret=request.client_secret, org_id=request.org_id
        )
        await context.send_initial_metadata(_NOT_KEPT)
        return pb.IssueTokenResponse(
            access_token=issued.value,
            token_type="Bearer",  # noqa: S106 - a type, no secret
            expires_in=issued.lifetime_sec,
        )

    async def ListSigningKeys(self, request: pb.ListSigningKeysRequest, context: Context) -> pb.ListSigningKeysResponse:
        keys = await self._keys.list()
        await context.send_initial_metadata((("cache-control", f"public, max-age={_CACHED_SEC}"),))
        return pb.ListSigningKeysResponse(keys=[_to_message(key) for key in keys])


def _to_message(key: SigningKey) -> pb.SigningKey:
    public = key.public.as_dict(private=False)
    return pb.SigningKey(kty="RSA", kid=key.kid, use="sig", alg="RS256", n=str(public["n"]), e=str(public["e"]))
