"""OpenAPI 3.1 documents of every surface, made from the descriptors."""

from reelops.rpc.openapi.document import openapi_document, surfaces

__all__ = ["openapi_document", "surfaces"]
