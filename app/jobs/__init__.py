"""RQ entry points: an id in, rows out."""
