"""What someone can do: verbs that take a session, an actor and the time."""
