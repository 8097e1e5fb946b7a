"""The commands behind the Makefile; no part of the product imports them."""
