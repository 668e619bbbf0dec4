"""Secrets: where they are kept and how they are made."""

from reelops.infra.security.credentials import Credentials, create_credentials, load_credentials

__all__ = ["Credentials", "create_credentials", "load_credentials"]
