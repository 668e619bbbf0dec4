"""The fleet: queues, workers and parts, as operators see them."""
