"""MOVE: the network, itineraries, the assignment problem, the optimizer, its checker and explanations."""
