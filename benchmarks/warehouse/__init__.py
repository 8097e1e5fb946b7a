"""What it costs to run a warehouse: loading, posting, looking, billing and proving a ledger of a million moves."""
