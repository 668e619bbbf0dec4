"""A SOPilot in memory, behind a real gRPC server: what the clients are tried on where faults have to be exact.

It keeps the rules of the protos (fields, roles) and the error details of the service. It fails the test that uses it
when a fault that was planned did not happen.
"""

from tests.clients.sopilot_fake.server import FakeService, running

__all__ = ["FakeService", "running"]
