"""Printed papers: plain facts in, bytes of PDF or ZPL out. No database, no Flask, no clock."""
