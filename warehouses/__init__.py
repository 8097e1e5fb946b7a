"""KEEP: stock, handling units, returns and what a public overseas warehouse offers."""
