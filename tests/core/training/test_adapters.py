"""Adapters: what they do to embeddings, how they are kept, which one is in use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from reelops.core.training import store
from reelops.core.training.adapters import Adapters, effective, normalised, pack, unpack
from reelops.core.training.moments import RunningMoments
from reelops.errors import Internal, Invalid
from reelops.infra.blobs import BlobStore, open_blobs
from reelops.infra.database import Database, utc_now

RNG = np.random.default_rng(20260208)
ROWS = (RNG.normal(3, 2, (500, 24)) * np.linspace(0.001, 50, 24)).astype(np.float32)


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return open_blobs(str(tmp_path / "blobs"))


async def install(db: Database, blobs: BlobStore, name: str, *, model: str = "m:1") -> store.IndexVersion:
    await blobs.put_bytes(f"models/{name}.npz", pack(ROWS.mean(axis=0, dtype=float), ROWS.var(axis=0, dtype=float)))
    async with db.write() as connection:
        return await store.swap(
            connection, embedding_model=model, adapter_version=name, adapter_key=f"models/{name}.npz",
            videos_used=1, clips_used=500, learnt_until=utc_now(), at=utc_now(),
        )  # fmt: skip


@pytest.mark.parametrize("cuts", [[], [1], [10, 10, 499], list(range(1, 500))])
def test_moments_of_batches_are_those_of_the_whole(cuts: list[int]) -> None:
    moments = RunningMoments(24)
    for batch in np.split(ROWS, cuts):
        moments.add(batch)
    assert moments.count == 500
    np.testing.assert_allclose(moments.mean, ROWS.mean(axis=0, dtype=float), rtol=1e-10)
    np.testing.assert_allclose(moments.variance, ROWS.var(axis=0, dtype=float), rtol=1e-9)


def test_moments_survive_a_large_offset() -> None:
    moments = RunningMoments(1)
    for value in (1e7, 1e7 + 1, 1e7 + 2):
        moments.add(np.array([[value]], dtype=np.float32))
    assert moments.variance[0] == pytest.approx(2 / 3)


def test_an_adapter_whitens_and_gives_rows_of_length_one() -> None:
    adapter = unpack(
        pack(ROWS.mean(axis=0, dtype=float), ROWS.var(axis=0, dtype=float)), version="t", embedding_model="m:1"
    )
    applied = adapter.apply(ROWS)
    assert applied.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(applied, axis=1), 1, rtol=1e-5)
    expected = (ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)
    np.testing.assert_allclose(applied, expected / np.linalg.norm(expected, axis=1, keepdims=True), atol=1e-4)


def test_a_number_that_never_changes_does_not_divide_by_zero() -> None:
    adapter = unpack(pack(np.array([1.0, 2.0]), np.array([0.0, 4.0])), version="t", embedding_model="m:1")
    assert adapter.std.tolist() == pytest.approx([1e-3, 2.0])
    assert np.isfinite(adapter.apply(np.array([[1.0, 2.0]], dtype=np.float32))).all()


def test_without_an_adapter_rows_are_only_normalised() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)
    assert effective(rows, None).tolist() == [pytest.approx([0.6, 0.8]), [0, 0]]
    np.testing.assert_allclose(normalised(rows), effective(rows, None))


def test_embeddings_of_another_length_are_refused() -> None:
    adapter = unpack(pack(np.zeros(3), np.ones(3)), version="t", embedding_model="m:1")
    with pytest.raises(Invalid) as caught:
        adapter.apply(np.ones((2, 4), dtype=np.float32))
    assert caught.value.code == "EMBEDDING_MISMATCH"


async def test_the_newest_version_of_a_model_is_in_use(db: Database, blobs: BlobStore) -> None:
    adapters = Adapters(db=db, blobs=blobs)
    assert await adapters.active("m:1") is None
    assert (await install(db, blobs, "first")).label == "v2"
    assert (await install(db, blobs, "second")).label == "v3"
    active = await adapters.active("m:1")
    assert active is not None
    assert active.version == "second"
    assert await adapters.active("other:1") is None


async def test_models_have_versions_of_their_own(db: Database, blobs: BlobStore) -> None:
    await install(db, blobs, "first")
    await install(db, blobs, "other", model="other:1")
    adapters = Adapters(db=db, blobs=blobs)
    found = [await adapters.active(model) for model in ("m:1", "other:1")]
    assert [adapter.version for adapter in found if adapter] == ["first", "other"]


@pytest.mark.parametrize("data", [b"", b"damaged", pack(np.zeros(9), np.ones(9))[:-50], pack(np.zeros(9), np.ones(8))])
async def test_a_damaged_adapter_is_told(db: Database, blobs: BlobStore, data: bytes) -> None:
    await install(db, blobs, "first")
    await blobs.put_bytes("models/first.npz", data)
    with pytest.raises(Internal) as caught:
        await Adapters(db=db, blobs=blobs).active("m:1")
    assert caught.value.code == "ADAPTER_UNREADABLE"
