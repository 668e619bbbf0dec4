"""Procedures of all families, and takes of them."""

from __future__ import annotations

from tests.benchmarks.scoring.families import family_of
from tests.benchmarks.scoring.scripts import FAULTS, Act, Fault, Plan, Script, gold, take

__all__ = ["FAULTS", "Act", "Fault", "Plan", "Script", "gold", "procedure", "take"]


def procedure(seed: int) -> Plan:
    """Makes up a procedure of the family that the seed belongs to."""
    return family_of(seed).procedure(seed)
