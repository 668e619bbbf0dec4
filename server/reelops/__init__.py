"""Video operations over gRPC and REST."""
