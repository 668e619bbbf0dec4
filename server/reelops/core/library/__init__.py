"""The library: every video the service knows, its clips and its files."""
