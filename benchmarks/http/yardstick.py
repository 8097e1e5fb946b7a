"""The yardstick B: the least a Flask application can do, on the product's own server command."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """Answer without a database, a session or a rule."""
    return "hello"
