"""Writes and starts the gateway. What Envoy reads is made from the descriptors, gateway/ and the settings."""

from reelops.rpc.edge.gateway import write_gateway
from reelops.rpc.edge.model import DESCRIPTORS, Gateway, Limits, Listener, documented_listeners
from reelops.rpc.edge.process import drain, envoy_command, is_ready, validate

__all__ = [
    "DESCRIPTORS",
    "Gateway",
    "Limits",
    "Listener",
    "documented_listeners",
    "drain",
    "envoy_command",
    "is_ready",
    "validate",
    "write_gateway",
]
