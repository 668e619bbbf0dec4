"""Every setting of the service, from the environment. The table in docs/settings.md is made from this."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Finds what comes with the service: in the package, beside it in the repository, or where we stand."""
    for folder in (_PACKAGE, _PACKAGE.parents[1]):
        if (folder / name).exists():
            return folder / name
    return Path(name)


Port = Annotated[int, Field(ge=0, le=65535)]
_PORT_NAMES = (
    "grpc_port",
    "sopilot_port",
    "core_port",
    "thumbnail_port",
    "edge_port",
    "triton_http_port",
    "triton_grpc_port",
    "triton_metrics_port",
    "envoy_admin_port",
)


class Settings(BaseSettings):
    """What the processes are told. Wrong values are refused at the start, with the reason."""

    model_config = SettingsConfigDict(env_prefix="REELOPS_", extra="ignore", frozen=True, populate_by_name=True)

    data: Path = Field(Path("data"), description="The folder under which everything lives.")
    bind: str = Field("127.0.0.1", description="Address that the edge and the gRPC server listen on.")
    port_offset: int = Field(0, ge=0, le=65535, description="Added to every port.")
    grpc_port: Port = Field(50051, description="Port of the gRPC server.")
    sopilot_port: Port = Field(8000, description="Port of the edge for SOPilot and the clipper.")
    core_port: Port = Field(3000, description="Port of the edge for WaveStack's core.")
    thumbnail_port: Port = Field(8400, description="Port of the edge for the thumbnail generator.")
    edge_port: Port = Field(8080, description="Port of the edge for all systems, by Host.")
    triton_http_port: Port = Field(9100, description="Triton's HTTP port.")
    triton_grpc_port: Port = Field(9101, description="Triton's gRPC port.")
    triton_metrics_port: Port = Field(9102, description="Triton's metrics port.")
    envoy_admin_port: Port = Field(9901, description="Envoy's admin port, on loopback only.")
    database_url: str = Field("", description="PostgreSQL or SQLite URL; a SQLite file in the data folder where empty.")
    blobs_url: str = Field("", description="A folder or s3://… for files; in the data folder where empty.")
    triton_address: str = Field("", description="host:port of a Triton elsewhere; the local one where empty.")
    triton_venv: Path = Field(
        default_factory=lambda: shipped(".venv-triton"), description="The venv that carries tritonserver."
    )
    model_repository: Path = Field(default_factory=lambda: shipped("models"), description="Triton's model repository.")
    embedder_onnx: Path | None = Field(None, description="An ONNX file that replaces the weight-free embedder.")
    grpc_address: str = Field("", description="host:port that Envoy and the command line find the server at.")
    slot: str = Field("worker", description="Name of this worker process on its machine; one that restarts keeps it.")
    cors_origins: str = Field("", description="Origins whose pages may call, comma-separated: `https://app.example`.")
    trusted_proxies: int = Field(0, ge=0, le=10, description="Proxies of ours in front that append to X-Forwarded-For.")
    edge_threads: int = Field(2, ge=1, le=256, description="Threads of Envoy.")
    worker_slots: int = Field(2, ge=1, le=64, description="Jobs of a kind that one worker runs at once.")
    fetch_slots: int = Field(
        16,
        ge=1,
        le=256,
        description="Clips, and thumbnails, that one worker has in hand at once, most of them fetching.",
    )
    workers: int = Field(1, ge=1, le=64, description="Worker processes that `reelops up` starts.")
    trusted_networks: str = Field(
        "127.0.0.0/8,::1/128",
        description="Networks whose hosts may use clipper and thumbnails without a token, and whose proxies are "
        "believed: `10.0.0.0/8,::1/128`.",
    )
    drain_sec: float = Field(10.0, ge=0, le=600, description="Seconds that calls get to end when the server stops.")
    max_message_mb: int = Field(16, ge=1, le=512, description="Largest gRPC message, in MB.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    sweep_grace_sec: float = Field(60.0, ge=0, description="Age at which a file without a row is removed.")
    media_max_pixels: int = Field(8192 * 4320, ge=1, description="Largest frame, in pixels.")
    media_max_duration_sec: float = Field(6 * 3600.0, gt=0, description="Longest video, in seconds.")
    media_timeout_sec: float = Field(2 * 3600.0, gt=0, description="Longest time to read one video, in seconds.")
    media_root: Path | None = Field(
        None, description="The folder whose files callers may name as sources; none may be named where it is empty."
    )
    fetch_allow_hosts: str = Field(
        "",
        description="Hosts of one's own network that may be fetched from, comma-separated: "
        "`media.example`, `10.0.0.5:8080`, `10.1.0.0/16`. The public internet always may.",
    )
    fetch_max_mb: int = Field(4096, ge=1, description="Largest file that is fetched from a URL, in MB.")
    fetch_timeout_sec: float = Field(1800.0, gt=0, description="Longest time to fetch one file, in seconds.")
    disk_reserve_mb: int = Field(
        256,
        ge=0,
        description="Free space, in MB, that fetching and cutting leave to all else; at less they stop.",
    )
    retention_hours: float = Field(
        168.0,
        ge=0,
        alias="WAVESTACK_RETENTION_HOURS",
        description="Hours that clips and thumbnails are kept after they were made; 0 keeps them.",
    )
    files_max_mb: int = Field(
        51200,
        ge=1,
        alias="WAVESTACK_FILES_MAX_MB",
        description="Room for clips and thumbnails, in MB; when it is taken, no more are made.",
    )
    clipper_url: str = Field(
        "", alias="WAVESTACK_CLIPPER_URL", description="Address of the clipper in answers; the caller's where empty."
    )
    thumbnail_url: str = Field(
        "",
        alias="WAVESTACK_THUMBNAIL_URL",
        description="Address of the thumbnail generator in answers; the caller's where empty.",
    )

    upload_max_mb: int = Field(1024, ge=1, alias="SOPILOT_UPLOAD_MAX_MB", description="Largest upload, in MB.")
    role_tokens: SecretStr = Field(
        SecretStr(""), alias="SOPILOT_API_ROLE_TOKENS", description="Tokens by role: `admin:x,operator:y,viewer:z`."
    )
    basic_user: str = Field("", alias="SOPILOT_BASIC_USER", description="User of HTTP Basic.")
    basic_password: SecretStr = Field(SecretStr(""), alias="SOPILOT_BASIC_PASSWORD", description="Its password.")
    basic_role: Literal["viewer", "operator", "admin"] = Field(
        "viewer", alias="SOPILOT_BASIC_ROLE", description="Its role."
    )
    audit_signing_key: SecretStr = Field(
        SecretStr(""), alias="SOPILOT_AUDIT_SIGNING_KEY", description="Key that signs audit exports."
    )
    audit_signing_key_id: str = Field(
        "default", alias="SOPILOT_AUDIT_SIGNING_KEY_ID", description="Name of that key in exports."
    )
    nightly_enabled: bool = Field(False, alias="SOPILOT_NIGHTLY_ENABLED", description="Whether training runs nightly.")
    nightly_hour_local: int = Field(
        2, ge=0, le=23, alias="SOPILOT_NIGHTLY_HOUR_LOCAL", description="Hour at which it runs, local time."
    )
    nightly_min_new_videos: int = Field(
        10, ge=1, alias="SOPILOT_NIGHTLY_MIN_NEW_VIDEOS", description="New videos that a training needs."
    )

    service_clients: SecretStr = Field(
        SecretStr(""),
        alias="WAVESTACK_SERVICE_CLIENTS",
        description="Clients of organisations: a JSON list of `client_id`, `client_secret`, `org_id`.",
    )
    default_org: str = Field(
        "default",
        alias="WAVESTACK_DEFAULT_ORG",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,254}$",
        description="The organisation of callers on the trusted networks and of videos from SOPilot.",
    )
    token_lifetime_sec: int = Field(
        3600, ge=60, le=86400, alias="WAVESTACK_TOKEN_LIFETIME_SEC", description="Seconds until a token expires."
    )
    signing_key_passphrase: SecretStr = Field(
        SecretStr(""),
        alias="WAVESTACK_SIGNING_KEY_PASSPHRASE",
        description="Seals the keys that sign tokens in the database.",
    )
    rate_limit_core: int = Field(
        100, ge=1, le=1_000_000, alias="WAVESTACK_RATE_LIMIT_CORE", description="Calls of the core a minute."
    )
    rate_limit_clipper: int = Field(
        10, ge=1, le=1_000_000, alias="WAVESTACK_RATE_LIMIT_CLIPPER", description="Calls of the clipper a minute."
    )
    rate_limit_thumbnail: int = Field(
        60, ge=1, le=1_000_000, alias="WAVESTACK_RATE_LIMIT_THUMBNAIL", description="Calls of thumbnails a minute."
    )

    @field_validator("bind")
    @classmethod
    def _is_address(cls, value: str) -> str:
        ipaddress.ip_address(value)
        return value

    @field_validator("media_root", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        # An empty path would mean the folder that the service was started in.
        return None if value == "" else value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        highest = max(getattr(self, name) for name in _PORT_NAMES)
        if highest + self.port_offset > 65535:
            raise ValueError(f"the port offset may be at most {65535 - highest}, as ports end at 65535")
        if bool(self.basic_user) != bool(self.basic_password.get_secret_value()):
            raise ValueError("SOPILOT_BASIC_USER and SOPILOT_BASIC_PASSWORD are set together or not at all")
        if not self.is_loopback and not self.has_credentials and not self.has_service_clients:
            raise ValueError(
                f"bound to {self.bind}, which is not loopback: set SOPILOT_API_ROLE_TOKENS, SOPILOT_BASIC_USER or "
                "WAVESTACK_SERVICE_CLIENTS first"
            )
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the service."""
        return ipaddress.ip_address(self.bind).is_loopback

    @property
    def has_credentials(self) -> bool:
        """Whether somebody configured who may call by role."""
        return bool(self.role_tokens.get_secret_value() or self.basic_user)

    @property
    def has_service_clients(self) -> bool:
        """Whether somebody configured clients of organisations."""
        return bool(self.service_clients.get_secret_value().strip())

    def port(self, name: str) -> int:
        """Returns a port by its setting's name (`grpc_port`), with the offset."""
        return int(getattr(self, name)) + self.port_offset

    @property
    def folder(self) -> Path:
        """The data folder as an absolute path."""
        return self.data.absolute()

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.folder / 'reelops.sqlite3'}"

    @property
    def blobs(self) -> str:
        """The folder or URL of files."""
        return self.blobs_url or str(self.folder / "blobs")

    @property
    def triton(self) -> str:
        """host:port of Triton's gRPC."""
        return self.triton_address or f"127.0.0.1:{self.port('triton_grpc_port')}"

    @property
    def triton_metrics_url(self) -> str:
        """Triton's metrics page."""
        host = self.triton.rsplit(":", 1)[0]
        return f"http://{host}:{self.port('triton_metrics_port')}/metrics"

    @property
    def grpc(self) -> str:
        """host:port of the gRPC server as seen from this machine."""
        host = "127.0.0.1" if self.bind in ("0.0.0.0", "127.0.0.1") else self.bind  # noqa: S104 - compared, not bound
        return self.grpc_address or f"{host}:{self.port('grpc_port')}"

    @property
    def credentials_file(self) -> Path:
        """Where the embedded run keeps the credentials it made."""
        return self.folder / "credentials.json"

    @property
    def metrics_folder(self) -> Path:
        """Where the processes of this machine share their metrics."""
        return self.folder / "run" / "metrics"

    def environment(self) -> dict[str, str]:
        """Gives the environment that makes a child process have these settings."""
        given = dict(os.environ)
        given["REELOPS_DATA"] = str(self.folder)
        given["REELOPS_PORT_OFFSET"] = str(self.port_offset)
        given["REELOPS_TRITON_VENV"] = str(self.triton_venv.absolute())
        given["REELOPS_MODEL_REPOSITORY"] = str(self.model_repository.absolute())
        given.setdefault("NUMBA_CACHE_DIR", str(self.folder / "run" / "numba"))
        given["PROMETHEUS_MULTIPROC_DIR"] = str(self.metrics_folder)
        return given
