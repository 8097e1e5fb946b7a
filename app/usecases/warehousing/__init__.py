"""Running a warehouse: places, the stock ledger, and everything that is posted to it."""
