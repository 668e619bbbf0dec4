"""The composition root: the only place that knows every part. One module per surface, and what they share.

It imports nothing here, so that who only prepares a start does not load what serves and works.
"""
