"""A service that answers as it is told, and remembers what it was asked."""

import json
from dataclasses import dataclass, field

import httpx

from fourport_client import Client


@dataclass
class Service:
    """`answers` are given one after the other; an exception is raised in its place."""

    answers: list
    asked: list = field(default_factory=list)
    pauses: list = field(default_factory=list)

    def __call__(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **facts):
        return Client(
            "https://fourport.example",
            "fp_secret",
            transport=httpx.MockTransport(self),
            sleep=self.pauses.append,
            **facts,
        )

    @property
    def keys(self):
        return [request.headers.get("Idempotency-Key") for request in self.asked]

    @property
    def bodies(self):
        return [json.loads(request.content) for request in self.asked]


def problem(status, code, headers=None, **members):
    """A refusal as the service writes it."""
    body = {
        "type": f"urn:fourport:error:{code}", "title": "No", "status": status, "detail": "it is so", "code": code,
        "request_id": "req_1", "errors": [], **members,
    }  # fmt: skip
    return httpx.Response(status, json=body, headers=headers)


def made(body=None, status=201):
    """A good answer."""
    return httpx.Response(status, json={"id": "bkg_1"} if body is None else body)
