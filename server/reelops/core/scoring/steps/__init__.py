"""The steps of gold videos: found by the service, or set by an operator."""
