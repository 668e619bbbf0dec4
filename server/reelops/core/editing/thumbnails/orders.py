"""What a thumbnail job has to do and what it gives, as its row keeps them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reelops.core.editing.thumbnails.model import Background, Design, Expression, Style
from reelops.core.sourcing import SourceRef
from reelops.infra.jobs import Job
from reelops.infra.media import Pixels

KIND = "editing.thumbnail"
QUEUE = "thumbnails"
_FILE = re.compile(r"(thumb_[a-z0-9]{26})\.png")


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumbnailOrder:
    """A thumbnail as somebody asked for it.

    `source` is a picture or a video that is shown. Of a video it is the frame at `timestamp` in seconds, or the best
    one. An order without a title is for a frame that speaks for itself.
    """

    asset_id: str
    style: Style = Style.CUSTOM
    title: str = ""
    subtitle: str | None = None
    include_face: bool = False
    expression: Expression = Expression.EXCITED
    background: Background = Background.GRADIENT
    colors: tuple[str, ...] = ()
    source: SourceRef | None = None
    timestamp: float | None = None

    def design(self, picture: Pixels | None) -> Design:
        """Gives what is drawn, with the picture that the source turned out to be."""
        return Design(
            style=self.style,
            title=self.title,
            subtitle=self.subtitle,
            include_face=self.include_face,
            expression=self.expression,
            background=self.background,
            colors=self.colors,
            picture=picture,
        )

    def to_payload(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {
            "asset_id": self.asset_id,
            "style": self.style.value,
            "title": self.title,
            "subtitle": self.subtitle,
            "include_face": self.include_face,
            "expression": self.expression.value,
            "background": self.background.value,
            "colors": list(self.colors),
            "source": self.source.to_payload() if self.source else None,
            "timestamp": self.timestamp,
        }

    @classmethod
    def of(cls, job: Job) -> ThumbnailOrder:
        """Reads the payload of a thumbnail job."""
        plain = job.payload
        return cls(
            asset_id=plain["asset_id"],
            style=Style(plain["style"]),
            title=plain["title"],
            subtitle=plain["subtitle"],
            include_face=plain["include_face"],
            expression=Expression(plain["expression"]),
            background=Background(plain["background"]),
            colors=tuple(plain["colors"]),
            source=SourceRef.of(plain["source"]) if plain["source"] else None,
            timestamp=plain["timestamp"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThumbnailResult:
    """The thumbnail that a job made. `timestamp` is the moment of its frame in seconds, where it has one."""

    name: str
    asset_id: str
    job_id: str
    timestamp: float | None
    made_at: datetime
    expires_at: datetime | None

    @property
    def thumbnail_id(self) -> str:
        """The name without its ending."""
        return self.name.removesuffix(".png")

    def to_result(self) -> dict[str, Any]:
        """Gives the plain form."""
        return {
            "name": self.name,
            "asset_id": self.asset_id,
            "job_id": self.job_id,
            "timestamp": self.timestamp,
            "made_at": self.made_at.isoformat(),
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
        }

    @classmethod
    def of(cls, result: dict[str, Any]) -> ThumbnailResult:
        """Reads the plain form."""
        expires = result["expires_at"]
        return cls(
            name=result["name"],
            asset_id=result["asset_id"],
            job_id=result["job_id"],
            timestamp=result["timestamp"],
            made_at=datetime.fromisoformat(result["made_at"]),
            expires_at=datetime.fromisoformat(expires) if expires else None,
        )


def file_name(asset_id: str) -> str:
    """Returns the name of a thumbnail's file."""
    return f"thumb_{asset_id.removeprefix('asset_')}.png"


def job_of_file(name: str) -> str | None:
    """Returns the job that draws a file of that name, called as the file is; None for a name that no thumbnail has."""
    match = _FILE.fullmatch(name)
    return match[1] if match else None
