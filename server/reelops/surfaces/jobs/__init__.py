"""Jobs of every kind, for gRPC callers."""
