"""What settings mean to the core: who may call, what signs, how far decoding goes."""

from __future__ import annotations

from reelops.core.audit.signing import SigningKey
from reelops.core.identity import BasicAccount, Identity, Role, parse_role_tokens
from reelops.infra.fetching import Fetcher, FetchPolicy
from reelops.infra.media import MediaLimits
from reelops.infra.security.credentials import Credentials, create_credentials
from reelops.settings import Settings


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
        Fetcher(fetch_policy(settings))
    except ValueError as error:
        raise ValueError(f"REELOPS_FETCH_ALLOW_HOSTS: {error}") from None


def credentials(settings: Settings) -> Credentials | None:
    """Gives the credentials that an embedded run makes for itself, or None where somebody configured some."""
    return create_credentials(settings.credentials_file) if makes_credentials(settings) else None


def signing_key(settings: Settings) -> SigningKey | None:
    """Gives the key of audit exports: the configured one, the embedded run's own, or none."""
    secret = settings.audit_signing_key.get_secret_value()
    if secret:
        return SigningKey(secret.encode(), settings.audit_signing_key_id)
    made = credentials(settings)
    if made is None:
        return None
    return SigningKey(made.audit_signing_key.encode(), made.audit_signing_key_id)


def media_limits(settings: Settings) -> MediaLimits:
    """Gives the bounds of decoding."""
    return MediaLimits(
        max_pixels=settings.media_max_pixels,
        max_duration_sec=settings.media_max_duration_sec,
        total_timeout_sec=settings.media_timeout_sec,
    )


def fetch_policy(settings: Settings) -> FetchPolicy:
    """Gives the bounds of fetching from URLs of callers."""
    return FetchPolicy(
        allow_hosts=tuple(text for text in settings.fetch_allow_hosts.split(",") if text.strip()),
        max_bytes=settings.fetch_max_mb << 20,
        total_timeout_sec=settings.fetch_timeout_sec,
    )


def makes_credentials(settings: Settings) -> bool:
    """Whether this is an embedded run that nobody configured: only then it may make secrets of its own."""
    return settings.is_loopback and not settings.has_credentials
