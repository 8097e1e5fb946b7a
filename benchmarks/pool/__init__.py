"""Pages of the order pool from the first to the last of a million parcels, in every order that is offered."""
