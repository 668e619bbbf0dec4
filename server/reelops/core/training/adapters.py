"""Feature adapters: from raw embeddings to the ones that are compared, and which adapter is in use."""

from __future__ import annotations

import asyncio
import io
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reelops.core.training import store
from reelops.errors import Internal, Invalid
from reelops.infra.blobs import BlobStore
from reelops.infra.database import Database

VARIANCE_FLOOR = 1e-6
_KEPT = 16


@dataclass(frozen=True, slots=True)
class Adapter:
    """Shifts and scales every number of an embedding by what was usual in training. `mean` and `std` are (D,)."""

    version: str
    embedding_model: str
    mean: NDArray[np.float32]
    std: NDArray[np.float32]

    def apply(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns (raw - mean) / std with rows of length 1, float32 like `raw`: (clips, D).

        Raises `Invalid("EMBEDDING_MISMATCH")` for another D.
        """
        if raw.shape[-1] != self.mean.shape[0]:
            raise Invalid(
                "EMBEDDING_MISMATCH",
                f"The adapter was trained on embeddings of {self.mean.shape[0]} numbers, these have {raw.shape[-1]}.",
            )
        return normalised((raw - self.mean) / self.std)


def normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the rows with length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def effective(raw: NDArray[np.float32], adapter: Adapter | None) -> NDArray[np.float32]:
    """Returns the embeddings that are compared: adapted where there is an adapter, rows of length 1."""
    return normalised(raw) if adapter is None else adapter.apply(raw)


def pack(mean: NDArray[np.float64], variance: NDArray[np.float64]) -> bytes:
    """Returns the bytes of an adapter's .npz file."""
    buffer = io.BytesIO()
    std = np.sqrt(np.maximum(variance, VARIANCE_FLOOR))
    np.savez(buffer, mean=mean.astype(np.float32), std=std.astype(np.float32))
    return buffer.getvalue()


def unpack(data: bytes, *, version: str, embedding_model: str) -> Adapter:
    """Reads an adapter's .npz file. Raises `ValueError` or `KeyError` for anything else."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        mean, std = arrays["mean"], arrays["std"]
    if mean.ndim != 1 or mean.shape != std.shape or not (np.isfinite(mean).all() and (std > 0).all()):
        raise ValueError("the adapter's arrays do not fit together")
    return Adapter(version, embedding_model, mean.astype(np.float32), std.astype(np.float32))


class Adapters:
    """The adapters of the index versions."""

    def __init__(self, *, db: Database, blobs: BlobStore) -> None:
        self._db = db
        self._blobs = blobs
        self._kept: dict[str, Adapter] = {}

    async def active(self, embedding_model: str) -> Adapter | None:
        """Returns the adapter in use for embeddings of a model, or None where there is none: raw ones are compared."""
        found = await store.active_version(self._db, embedding_model)
        return None if found is None else await self.load(found)

    async def load(self, version: store.IndexVersion) -> Adapter | None:
        """Returns an index version's adapter. Raises `Internal("ADAPTER_UNREADABLE")` when its file is damaged."""
        if version.adapter_version is None or version.adapter_key is None:
            return None
        if version.adapter_version not in self._kept:
            data = await self._blobs.get_bytes(version.adapter_key)
            try:
                adapter = await asyncio.to_thread(
                    unpack, data, version=version.adapter_version, embedding_model=version.embedding_model
                )
            except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
                path = self._blobs.describe(version.adapter_key)
                raise Internal("ADAPTER_UNREADABLE", f"The feature adapter {path} is damaged.") from error
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[version.adapter_version] = adapter
        return self._kept[version.adapter_version]
