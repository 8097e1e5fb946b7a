"""What Fourport claims about speed and quality, as commands anyone can run: `python -m benchmarks`."""
