"""CHARGE & CLEAR: money, chargeable weight, tariffs and the rules goods must satisfy."""
