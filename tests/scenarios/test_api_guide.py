"""docs/api.md is pasted into a shell, block by block, against the running product."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.live import clean_environment, product_on_copy

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROBLEM = re.compile(r'"type":"urn:fourport:error:(\w+)"')
MEANT = {"validation_error"}
"""The guide shows one mistake on purpose."""


@pytest.fixture(scope="module")
def product(sqlite_network, tmp_path_factory):
    with product_on_copy(sqlite_network, tmp_path_factory.mktemp("guide")) as running:
        yield running


def secret(product, *arguments):
    made = product.fourport("apikey", "add", *arguments)
    assert made.returncode == 0, made.stderr
    return re.search(r"^fp_\S+", made.stdout, re.MULTILINE)[0]


@pytest.mark.timeout(600)
def test_every_block_of_the_guide_works_as_it_stands(product, tmp_path):
    assert product.fourport("exporter", "add", "acme").returncode == 0
    keys = {"ACME": secret(product, "--exporter", "acme"), "STAFF": secret(product, "--role", "operator")}
    script = "\n".join(BLOCK.findall(GUIDE.read_text(encoding="utf-8")))
    script = re.sub(r"^API=\S+", f"API={product.url}/api/v1", script, flags=re.MULTILINE)
    for name, key in keys.items():
        script = re.sub(
            rf"^{name}='[^']*'", f"{name}='Authorization: Bearer {key}'", script, flags=re.MULTILINE
        )
    (tmp_path / "guide.sh").write_text(f"set -eu\n{script}\n", encoding="utf-8")
    ran = subprocess.run(
        ["bash", "guide.sh"], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=500,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-2000:]
    written = ran.stdout + "".join(path.read_text(errors="replace") for path in tmp_path.glob("*.json"))
    assert set(PROBLEM.findall(written)) == MEANT, ran.stdout[-6000:]
    papers = {path.name: path.read_bytes() for path in tmp_path.glob("*.pdf")}
    assert len(papers) >= 7
    assert {name: content[:400] for name, content in papers.items() if content[:5] != b"%PDF-"} == {}
