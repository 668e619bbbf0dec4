"""Multipart forms as clients really send them, cut at every place."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.api import httpbody_pb2
from reelops import errors
from reelops.infra.blobs import Staging
from reelops.surfaces.sopilot.forms import Form, read_form

BOUNDARY = "----x7Y"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, value: bytes, *, filename: str | None = None) -> bytes:
    ending = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{ending}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def closing() -> bytes:
    return f"--{BOUNDARY}--\r\n".encode()


async def chunks(body: bytes, sizes: list[int], content_type: str = TYPE) -> AsyncIterator[httpbody_pb2.HttpBody]:
    at = 0
    for size in [*sizes, len(body)]:
        yield httpbody_pb2.HttpBody(content_type=content_type if at == 0 else "", data=body[at : at + size])
        at += size


async def read(tmp_path: Path, body: bytes, sizes: list[int] | None = None, kind: str = TYPE) -> tuple[Form, bytes]:
    async with Staging(tmp_path, max_bytes=10_000_000).receive() as staged:
        form = await read_form(chunks(body, sizes or [], kind), staged)
        await staged.close()
        return form, staged.path.read_bytes()


async def test_a_form_is_the_same_however_it_is_cut(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1 << 30)
    print(f"seed {seed}")
    rng = random.Random(seed)
    # Bytes that look like the boundary are the hard part.
    content = bytes(rng.randrange(256) for _ in range(3000)) + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n-\r--"
    body = (
        part("task_id", "組立 1".encode())
        + part("file", content, filename="a b.mp4")
        + part("role", b"gold")
        + closing()
    )
    for _ in range(60):
        sizes = [rng.randrange(1, 40) for _ in range(rng.randrange(1, 200))]
        form, received = await read(tmp_path, body, sizes)
        assert received == content
        assert form.fields == {"task_id": "組立 1", "role": "gold"}
        assert form.filename == "a b.mp4"


async def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    form, received = await read(tmp_path, part("file", b"", filename="empty.mp4") + closing())
    assert form.filename == "empty.mp4"
    assert received == b""


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (part("file", b"x", filename="a"), TYPE, "closing boundary"),
        (part("file", b"x", filename="a")[:-9], TYPE, "closing boundary"),
        (part("file", b"x", filename="a") + part("file", b"y", filename="b") + closing(), TYPE, "more than one file"),
        (part("role", b"gold") + part("role", b"gold") + closing(), TYPE, "twice"),
        (part("role", b"\xff\xfe") + closing(), TYPE, "UTF-8"),
        (part("role", b"x" * 70_000) + closing(), TYPE, "too long"),
        (b"".join(part(f"f{n}", b"x") for n in range(70)) + closing(), TYPE, "more than 64 parts"),
        (b"not a form at all", TYPE, "broken"),
        (b"{}", "application/json", "multipart/form-data"),
        (b"{}", "multipart/form-data", "boundary"),
        (b"", "", "no body"),
    ],
)
async def test_what_is_no_whole_form_is_refused_with_a_reason(
    tmp_path: Path, body: bytes, kind: str, said: str
) -> None:
    with pytest.raises(errors.Invalid, match=said) as refused:
        await read(tmp_path, body, kind=kind)
    assert refused.value.code == "FORM_INVALID"
    assert list(tmp_path.iterdir()) == []


async def test_a_file_past_the_limit_is_refused_and_removed(tmp_path: Path) -> None:
    body = part("file", b"x" * 5000, filename="a") + closing()
    with pytest.raises(errors.TooLarge):
        async with Staging(tmp_path, max_bytes=4999).receive() as staged:
            await read_form(chunks(body, [100] * 50), staged)
    assert list(tmp_path.iterdir()) == []
