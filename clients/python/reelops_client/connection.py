"""How a client reaches the service: address, encryption, credentials, keepalive."""

from __future__ import annotations

import base64
import ipaddress
import platform
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

import grpc

ChannelOptions = tuple[tuple[str, str | int], ...]
MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024
KEEPALIVE_MS = 30_000


@dataclass(frozen=True, slots=True)
class Tls:
    """Encryption of the connection.

    `roots` is a PEM file with the authorities to trust (the system's where absent), `certificate` and `key` are PEM
    files by which the client shows who it is, `server_name` is the name to expect where it differs from the address.
    """

    roots: Path | str | None = None
    certificate: Path | str | None = None
    key: Path | str | None = None
    server_name: str | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(_read(self.roots), _read(self.key), _read(self.certificate))


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the service is and how it is spoken to.

    `target` is a gRPC target, `authorization` the value of that header ("" for none), `tls` is None for a plain
    connection.
    """

    target: str
    tls: Tls | None
    authorization: str = field(repr=False)

    @staticmethod
    def of(
        address: str,
        *,
        token: str | None = None,
        basic: tuple[str, str] | None = None,
        tls: bool | Tls | None = None,
    ) -> Connection:
        """Reads an address: `host:port`, `http://host:port`, `https://host` or `unix:path`.

        Where `tls` is not said, `https` and every host other than this machine is spoken to encrypted, so that a token
        never travels in the clear by accident. Raises ValueError.
        """
        scheme, target = _target(address)
        if scheme and isinstance(tls, bool) and tls != (scheme == "https"):
            raise ValueError(f"the address {address!r} and tls={tls} contradict each other")
        if tls is None:
            tls = scheme == "https" or (not scheme and not _is_local(target))
        chosen = (Tls() if tls else None) if isinstance(tls, bool) else tls
        return Connection(target, chosen, _authorization(token, basic))

    def options(self) -> ChannelOptions:
        """Returns the channel options: who we are, message limits, and pings that notice a dead connection."""
        options: ChannelOptions = (
            ("grpc.primary_user_agent", user_agent()),
            ("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES),
            ("grpc.max_send_message_length", MESSAGE_LIMIT_BYTES),
            ("grpc.keepalive_time_ms", KEEPALIVE_MS),
            ("grpc.keepalive_timeout_ms", 10_000),
            ("grpc.keepalive_permit_without_calls", 0),
            ("grpc.initial_reconnect_backoff_ms", 200),
            ("grpc.min_reconnect_backoff_ms", 200),
            ("grpc.max_reconnect_backoff_ms", 5_000),
        )
        if self.tls and self.tls.server_name:
            options += (("grpc.ssl_target_name_override", self.tls.server_name),)
        return options

    def metadata(self, request_id: str, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        entries = (("x-request-id", request_id), *more)
        return (*entries, ("authorization", self.authorization)) if self.authorization else entries


def user_agent() -> str:
    try:
        release = version("reelops")
    except PackageNotFoundError:
        release = "source"
    return f"reelops-python/{release} python/{platform.python_version()}"


def _target(address: str) -> tuple[str, str]:
    """Cuts an address into its scheme ("" where it has none) and the gRPC target."""
    if address.startswith("unix:"):
        return "", address
    if "://" not in address:
        if not address:
            raise ValueError("the address is empty")
        return "", address if _has_port(address) else f"{address}:50051"
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"the address {address!r} is not host:port, http://host:port or https://host")
    if parts.path not in ("", "/") or parts.query or parts.username:
        raise ValueError(f"the address {address!r} has more than a host and a port")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return parts.scheme, f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def _has_port(address: str) -> bool:
    return address.rpartition(":")[2].isdigit() and (address.count(":") == 1 or "]:" in address)


def _is_local(target: str) -> bool:
    if target.startswith("unix:"):
        return True
    host = target.rpartition(":")[0].strip("[]")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _authorization(token: str | None, basic: tuple[str, str] | None) -> str:
    if token is not None and basic is not None:
        raise ValueError("give a token or a user and password, not both")
    if token is not None:
        if not token or not token.isascii() or not token.isprintable():
            raise ValueError("a token is made of printable ASCII characters")
        return f"Bearer {token}"
    if basic is not None:
        return "Basic " + base64.b64encode(":".join(basic).encode()).decode()
    return ""


def _read(path: Path | str | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()
