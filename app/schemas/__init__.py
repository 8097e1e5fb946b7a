"""Shapes on the wire, shared by API and web."""
