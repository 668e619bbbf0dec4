"""Talking to Triton, which does all tensor work."""

from reelops.infra.inference.client import InferenceClient
from reelops.infra.inference.model import Alignment, EmbedderInfo, Seen, StepReading, Takes

__all__ = ["Alignment", "EmbedderInfo", "InferenceClient", "Seen", "StepReading", "Takes"]
