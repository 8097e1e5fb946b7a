"""Declaring exports to customs: lists of what is booked, their checks and steps, and the declarations they become."""
