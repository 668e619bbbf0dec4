"""How well scoring finds known faults, on procedures that are rendered here."""
