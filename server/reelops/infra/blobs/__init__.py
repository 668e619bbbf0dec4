"""Media and artifacts: a folder by default, an S3 bucket at scale."""

from reelops.infra.blobs.staging import StagedFile, Staging
from reelops.infra.blobs.store import BlobInfo, BlobStore, open_blobs

__all__ = ["BlobInfo", "BlobStore", "StagedFile", "Staging", "open_blobs"]
