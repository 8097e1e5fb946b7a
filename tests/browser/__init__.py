"""Pages in a real browser; a package, so that its fixtures can live as long as its tests."""
