"""Video operations over gRPC and REST."""

__version__ = "0.1.0"
