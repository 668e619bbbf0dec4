"""The client's promises, kept on the service that the fixtures name."""

from tests.clients.contract import ClientContract


class TestClient(ClientContract):
    pass
