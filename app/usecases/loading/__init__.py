"""Origin hubs and load building: receive, measure, pack into units, seal, load, unpack."""
