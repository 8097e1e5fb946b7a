"""The optimizer on public real data sets."""
