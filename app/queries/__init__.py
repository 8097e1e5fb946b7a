"""Reads for lists and dashboards."""
