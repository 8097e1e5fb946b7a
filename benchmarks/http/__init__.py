"""What an answer of the API costs, as a multiple of what a bare Flask application costs on the same server."""
