"""Other people's systems, each behind a few functions: what goes out, what comes back, what can go wrong."""
