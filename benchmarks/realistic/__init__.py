"""The parts of a realistic problem: places, departures, parcels, chains of departures, returns, resources."""
