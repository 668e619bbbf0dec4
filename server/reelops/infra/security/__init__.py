"""Secrets: where they are kept and how they are made."""

from reelops.infra.security.credentials import ClientCredentials, Credentials, create_credentials, load_credentials

__all__ = ["ClientCredentials", "Credentials", "create_credentials", "load_credentials"]
