"""The repository names no machine it was written on and no place packages are fetched from."""

import json
import re

from tests.rules.sources import project_files, shown

MACHINE = re.compile(r"(?<![\w.~)-])/(?:work|root|home/[a-z]\w*|Users/\w+)/")
HOSTS = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|npmmirror|aliyun|tsinghua)\.(?:org|com|edu|cn)\b|/opt/(?:pypi|wheels)"
)
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bwhsec_[A-Za-z0-9+/=]{20,}|\bfp_[A-Za-z0-9]{24,}")
FEWEST_FILES = 100


def offending(pattern):
    assert len(project_files()) >= FEWEST_FILES
    found = []
    for path in project_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # pictures and spreadsheets
        found += [f"{shown(path)}: {hit.group()}" for hit in pattern.finditer(text)]
    return found


def test_no_file_names_a_folder_of_somebodys_machine():
    assert offending(MACHINE) == []


def test_no_file_names_a_package_registry():
    assert offending(HOSTS) == []


def test_no_file_holds_a_secret():
    assert offending(SECRETS) == []


def test_the_lock_file_of_the_page_assets_records_hashes_and_no_addresses():
    lock = next(path for path in project_files() if shown(path) == "package-lock.json")
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    installed = [package for name, package in packages.items() if name]
    assert len(installed) >= 5
    assert all("integrity" in package and "resolved" not in package for package in installed)


def test_what_setup_makes_is_not_under_version_control():
    names = [shown(path) for path in project_files()]
    made = ("app/web/static/vendor/", "node_modules/", ".venv/", "var/")
    assert [name for name in names if name.startswith(made) or name.endswith(".mo")] == []
