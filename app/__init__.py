"""SERVE: the only package that knows Flask, SQLAlchemy, Redis, files and the clock."""
