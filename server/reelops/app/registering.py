"""How a servicer becomes a service of the server."""

from __future__ import annotations

from functools import partial
from typing import Any

from reelops.rpc.server import Service


def service(messages: Any, stubs: Any, servicer: Any) -> Service:
    """Finds the descriptor and the registering function of a generated module with one service."""
    (name, descriptor), *_ = messages.DESCRIPTOR.services_by_name.items()
    return Service(descriptor, partial(getattr(stubs, f"add_{name}Servicer_to_server"), servicer))
