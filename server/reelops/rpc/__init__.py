"""The gRPC server and its edge."""
