"""The named alternative: FastAPI, SQLAlchemy (asyncio) and SQLite, written as their documentations recommend."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ.get('RIVAL_DATABASE', 'rival.sqlite3')}")
sessions = async_sessionmaker(engine, expire_on_commit=False)
TOKENS = {os.environ.get("RIVAL_TOKEN", "token"): "viewer"}
bearer = HTTPBearer()
app = FastAPI()


class Base(DeclarativeBase):
    """The rival's tables."""


class VideoRow(Base):
    """A video as the rival keeps it."""

    __tablename__ = "videos"
    video_id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[str] = mapped_column(String(255), index=True)
    role: Mapped[str] = mapped_column(String(16))
    site_id: Mapped[str | None] = mapped_column(String(255))
    camera_id: Mapped[str | None] = mapped_column(String(255))
    num_clips: Mapped[int]
    embedding_model: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime]


class Video(BaseModel):
    """A video as the rival answers it."""

    model_config = ConfigDict(from_attributes=True)
    video_id: int
    task_id: str
    role: str
    site_id: str | None
    camera_id: str | None
    num_clips: int
    embedding_model: str
    created_at: datetime


def viewer(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> str:
    """Lets known tokens in."""
    role = TOKENS.get(credentials.credentials)
    if role is None:
        raise HTTPException(401, "unknown token")
    return role


async def session() -> AsyncIterator[AsyncSession]:
    """Gives each request a session."""
    async with sessions() as opened:
        yield opened


@app.get("/videos/{video_id}")
async def get_video(
    video_id: int, _role: Annotated[str, Depends(viewer)], db: Annotated[AsyncSession, Depends(session)]
) -> Video:
    """The same route as ours."""
    row = (await db.execute(select(VideoRow).where(VideoRow.video_id == video_id))).scalar_one_or_none()
    if row is None:
        raise HTTPException(404, "no such video")
    return Video.model_validate(row)
