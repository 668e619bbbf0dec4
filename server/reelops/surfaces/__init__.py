"""How the service is spoken: one package per documented API."""
