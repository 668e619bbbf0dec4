"""WaveStack: how its document speaks to the core."""
