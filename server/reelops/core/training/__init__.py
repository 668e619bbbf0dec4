"""Fitting the feature adapter to what has been filmed, and the index versions that say which adapter applies."""
