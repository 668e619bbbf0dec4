"""What settings mean to the core: who may call, what signs, how far decoding goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reelops.core.identity import BasicAccount, Identity, Role, parse_role_tokens
from reelops.core.identity.networks import TrustedNetworks, parse_networks
from reelops.infra.security.credentials import Credentials, create_credentials
from reelops.settings import Settings

# Every command asks here whether the settings can be used. What few of them need is loaded by those alone: decoders,
# HTTP, the database and the job engine take longer to load than most commands take.
if TYPE_CHECKING:
    from reelops.core.audit.signing import SigningKey
    from reelops.core.identity.clients import ConfiguredClient
    from reelops.core.identity.keys import SigningKeys
    from reelops.infra.database import Database
    from reelops.infra.fetching import FetchPolicy
    from reelops.infra.media import MediaLimits


def identity(settings: Settings) -> Identity:
    """Gives who may call: as configured, or with the credentials that the embedded run made."""
    made = credentials(settings)
    if made is not None:
        return Identity(made.role_tokens)
    basic = None
    if settings.basic_user:
        basic = BasicAccount(
            settings.basic_user, settings.basic_password.get_secret_value(), Role.named(settings.basic_role)
        )
    return Identity(parse_role_tokens(settings.role_tokens.get_secret_value()), basic)


def check(settings: Settings) -> None:
    """Passes settings that the core can use. Raises `ValueError` with the setting's name and the reason."""
    try:
        identity(settings.model_copy(update={"bind": "0.0.0.0"}))  # noqa: S104 - never bound: no credentials are made
    except ValueError as error:
        raise ValueError(f"SOPILOT_API_ROLE_TOKENS: {error}") from None
    try:
        _listed_clients(settings)
    except ValueError as error:
        raise ValueError(f"WAVESTACK_SERVICE_CLIENTS: {error}") from None
    try:
        trusted_networks(settings)
    except ValueError as error:
        raise ValueError(f"REELOPS_TRUSTED_NETWORKS: {error}") from None
    if not settings.fetch_allow_hosts.strip():
        return
    from reelops.infra.fetching import Fetcher

    try:
        Fetcher(fetch_policy(settings))
    except ValueError as error:
        raise ValueError(f"REELOPS_FETCH_ALLOW_HOSTS: {error}") from None


def credentials(settings: Settings) -> Credentials | None:
    """Gives the credentials that an embedded run makes for itself, or None where somebody configured some."""
    if not makes_credentials(settings):
        return None
    return create_credentials(settings.credentials_file, org_id=settings.default_org)


def service_clients(settings: Settings) -> tuple[ConfiguredClient, ...]:
    """Gives the clients of organisations: those configured, or the one that the embedded run made."""
    if settings.has_service_clients:
        return _listed_clients(settings)
    made = credentials(settings)
    if made is None:
        return ()
    from reelops.core.identity.clients import ConfiguredClient

    client = made.service_client
    return (ConfiguredClient(client.client_id, client.org_id, client.client_secret),)


def _listed_clients(settings: Settings) -> tuple[ConfiguredClient, ...]:
    if not settings.has_service_clients:
        return ()
    from reelops.core.identity.clients import parse_service_clients

    return parse_service_clients(settings.service_clients.get_secret_value())


def open_keys(db: Database, settings: Settings) -> SigningKeys:
    """Gives the keys that sign tokens."""
    from reelops.core.identity.keys import SigningKeys
    from reelops.core.identity.tokens import LEEWAY_SEC

    return SigningKeys(
        db=db,
        lifetime_sec=settings.token_lifetime_sec,
        leeway_sec=LEEWAY_SEC,
        passphrase=settings.signing_key_passphrase.get_secret_value(),
    )


def trusted_networks(settings: Settings) -> TrustedNetworks:
    """Gives the networks whose hosts need no token, and the pages that they may show."""
    origins = (origin.strip() for origin in settings.cors_origins.split(","))
    return TrustedNetworks(
        parse_networks(settings.trusted_networks),
        org_id=settings.default_org,
        origins=[origin for origin in origins if origin],
    )


def rate_limits(settings: Settings) -> dict[str, int]:
    """Gives the calls a minute that each surface with a limit takes."""
    return {
        "core": settings.rate_limit_core,
        "clipper": settings.rate_limit_clipper,
        "thumbnail": settings.rate_limit_thumbnail,
    }


def signing_key(settings: Settings) -> SigningKey | None:
    """Gives the key of audit exports: the configured one, the embedded run's own, or none."""
    from reelops.core.audit.signing import SigningKey

    secret = settings.audit_signing_key.get_secret_value()
    if secret:
        return SigningKey(secret.encode(), settings.audit_signing_key_id)
    made = credentials(settings)
    if made is None:
        return None
    return SigningKey(made.audit_signing_key.encode(), made.audit_signing_key_id)


def media_limits(settings: Settings) -> MediaLimits:
    """Gives the bounds of decoding."""
    from reelops.infra.media import MediaLimits

    return MediaLimits(
        max_pixels=settings.media_max_pixels,
        max_duration_sec=settings.media_max_duration_sec,
        total_timeout_sec=settings.media_timeout_sec,
    )


def fetch_policy(settings: Settings) -> FetchPolicy:
    """Gives the bounds of fetching from URLs of callers."""
    from reelops.infra.fetching import FetchPolicy

    return FetchPolicy(
        allow_hosts=tuple(text for text in settings.fetch_allow_hosts.split(",") if text.strip()),
        max_bytes=settings.fetch_max_mb << 20,
        total_timeout_sec=settings.fetch_timeout_sec,
    )


def makes_credentials(settings: Settings) -> bool:
    """Whether this is an embedded run that nobody configured: only then it may make secrets of its own."""
    return settings.is_loopback and not settings.has_credentials
