"""What the core stands on: database, jobs, inference, media, blobs, vectors, security."""
