"""The client's promises, kept on a SOPilot in memory."""

from tests.clients.contract import ClientContract


class TestClient(ClientContract):
    pass
