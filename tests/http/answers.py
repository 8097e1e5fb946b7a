"""What tests say about answers of the API."""


def good(response, shape, status=200):
    """The body of a good answer that has exactly the shape that is documented."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/json"
    body = response.get_json()
    shape().load(body)
    return body


def problem(response, status, code):
    """The body of a problem."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    body = response.get_json()
    assert (body["code"], body["status"]) == (code, status)
    assert body["request_id"] == response.headers["X-Request-ID"]
    return body


def faults(response, status=422, code="validation_error"):
    """Field → code of what is wrong with what was sent."""
    return {error["field"]: error["code"] for error in problem(response, status, code)["errors"]}
