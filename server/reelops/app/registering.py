"""How a servicer becomes a service of the server."""

from __future__ import annotations

from functools import partial
from typing import Any

from reelops.rpc.server import Service


def service(messages: Any, stubs: Any, servicer: Any) -> Service:
    """Finds the descriptor and the registering function that belong to a servicer in generated modules."""
    known = messages.DESCRIPTOR.services_by_name
    name = next(name for name in known if isinstance(servicer, getattr(stubs, f"{name}Servicer")))
    return Service(known[name], partial(getattr(stubs, f"add_{name}Servicer_to_server"), servicer))
