"""The reference network and the sample order pool."""
