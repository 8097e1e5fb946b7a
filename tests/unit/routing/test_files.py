from __future__ import annotations

import io
import json
import math
import zipfile
from pathlib import Path

import numpy as np
import pytest

from routing.digest import digest
from routing.files import (
    plan_from_bytes,
    plan_to_bytes,
    problem_from_bytes,
    problem_to_bytes,
    read_names,
    read_plan,
    read_problem,
    write_plan,
    write_problem,
)
from routing.plan import Plan
from routing.problem import Problem, ProblemError
from tests.unit.routing.problems import make_problem, two_parcels_one_flight


def a_plan(problem: Problem) -> Plan:
    return Plan(
        status="feasible",
        item_option=np.array([0, 1]),
        units=np.array([1]),
        objective=18.0,
        unplaced=np.array([]),
        lower_bound=math.nan,
        bound_source="none",
        problem_sha256=digest(problem),
        seconds={"repair": 0.25},
        certificate_price=np.zeros((2, 1)),
    )


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_problem_survives_its_file(tmp_path: Path, suffix: str) -> None:
    problem = two_parcels_one_flight()
    write_problem(problem, tmp_path / f"p{suffix}")

    assert digest(read_problem(tmp_path / f"p{suffix}")) == digest(problem)


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_an_empty_problem_survives_its_file(tmp_path: Path, suffix: str) -> None:
    problem = make_problem(sizes=[], options=[], free=[])
    write_problem(problem, tmp_path / f"p{suffix}")

    assert digest(read_problem(tmp_path / f"p{suffix}")) == digest(problem)


def test_infinity_is_kept_in_both_encodings(tmp_path: Path) -> None:
    problem = make_problem(sizes=[[1.0]], options=[[([2.0], [(0, [1.0])])]], free=[[math.inf]])
    for name in ("p.npz", "p.json"):
        write_problem(problem, tmp_path / name)
        assert read_problem(tmp_path / name).resource_free[0, 0] == math.inf


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_plan_survives_its_file(tmp_path: Path, suffix: str) -> None:
    plan = a_plan(two_parcels_one_flight())
    write_plan(plan, tmp_path / f"plan{suffix}")
    back = read_plan(tmp_path / f"plan{suffix}")

    assert back.item_option.tolist() == [0, 1]
    assert math.isnan(back.lower_bound)
    assert back.seconds == {"repair": 0.25}
    assert back.certificate_price is not None
    assert back.certificate_item_value is None


def test_problem_and_plan_travel_as_bytes() -> None:
    problem = two_parcels_one_flight()

    assert digest(problem_from_bytes(problem_to_bytes(problem))) == digest(problem)
    assert plan_from_bytes(plan_to_bytes(a_plan(problem))).objective == 18.0


def test_names_stand_beside_the_problem(tmp_path: Path) -> None:
    write_problem(two_parcels_one_flight(), tmp_path / "p.npz", names={"item": ["A", "B"]})

    assert read_names(tmp_path / "p.npz") == {"item": ["A", "B"]}
    assert read_names(tmp_path / "other.npz") == {}


def test_the_digest_changes_with_any_number_and_not_with_the_sign_of_zero() -> None:
    problem = two_parcels_one_flight()
    changed = make_problem(sizes=[[1.0]], options=[[]], free=[], drop=1.0)
    minus = make_problem(sizes=[[-0.0]], options=[[]], free=[], drop=1.0)
    plus = make_problem(sizes=[[0.0]], options=[[]], free=[], drop=1.0)

    assert digest(problem) != digest(changed)
    assert digest(minus) == digest(plus)


def test_the_digest_of_a_known_problem_stays_as_published() -> None:
    expected = "bd51079d0e14b2df47d13c5b550cbacb42632dad4e195e3a060e00a73f2e9628"

    assert digest(two_parcels_one_flight()) == expected


def broken_files() -> dict[str, bytes]:
    whole = problem_to_bytes(two_parcels_one_flight())
    pickled = io.BytesIO()
    np.savez(pickled, format=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    text = io.BytesIO()
    with zipfile.ZipFile(text, "w") as archive:
        archive.writestr("format.npy", "not an array")
    return {
        "empty": b"",
        "truncated": whole[: len(whole) // 2],
        "text": b"a,b,c\n1,2,3\n",
        "pickled": pickled.getvalue(),
        "not an array": text.getvalue(),
        "no key": _npz(format="fourport-problem/1"),
        "other version": _npz(format="fourport-problem/9"),
        "one array": _npy(),
    }


def _npz(**keys: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **keys)  # type: ignore[arg-type]
    return stream.getvalue()


def _npy() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.arange(3))
    return stream.getvalue()


@pytest.mark.parametrize("kind", list(broken_files()))
def test_a_broken_archive_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "p.npz"
    path.write_bytes(broken_files()[kind])

    with pytest.raises(ProblemError) as caught:
        read_problem(path)
    assert "\n" not in str(caught.value)


def as_json(**changes: object) -> dict[str, object]:
    content: dict[str, object] = {
        "format": "fourport-problem/1",
        "currency": "CNY",
        "n": 1,
        "k": 1,
        "o": 1,
        "u": 0,
        "r": 0,
        "t": 0,
        "d": 1,
        "f": 1,
        "item_class": [0],
        "item_size": [[1]],
        "item_features": [[1]],
        "item_drop_cost": ["inf"],
        "class_ptr": [0, 1],
        "option_rates": [[2]],
        "option_ptr": [0, 0],
        **{key: [] for key in ("use_resource", "use_factor", "resource_free", "unit_resource", "unit_size")},
        **{key: [] for key in ("unit_cost", "unit_max", "unit_parent", "unit_takes")},
    }
    return content | changes


def test_a_json_problem_written_by_hand_is_read(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(as_json()))

    assert read_problem(tmp_path / "p.json").item_drop_cost[0] == math.inf


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"n": 2}, "wrong_count"),
        ({"n": "one"}, "wrong_type"),
        ({"item_size": [["big"]]}, "wrong_type"),
        ({"item_size": [[1], [1, 2]]}, "wrong_shape"),
        ({"item_size": [[True]]}, "wrong_type"),
        ({"item_class": None}, "missing_key"),
        ({"item_drop_cost": [math.nan]}, "not_readable"),
        ({"format": 3}, "wrong_type"),
        ({"currency": None}, "wrong_type"),
        ({"class_ptr": []}, "wrong_shape"),
        ({"item_class": [10**30]}, "wrong_type"),
        ({"item_size": {"a": 1}}, "wrong_type"),
    ],
)
def test_a_json_problem_with_a_fault_is_refused(
    tmp_path: Path, changes: dict[str, object], code: str
) -> None:
    (tmp_path / "p.json").write_text(json.dumps(as_json(**changes)))

    with pytest.raises(ProblemError) as caught:
        read_problem(tmp_path / "p.json")
    assert caught.value.code == code


@pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, '"x"', "\udcff"])
def test_what_is_no_json_object_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "p.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(ProblemError, match=r"p\.json"):
        read_problem(tmp_path / "p.json")


def test_a_missing_file_and_a_strange_suffix_are_named(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="No such file"):
        read_problem(tmp_path / "nowhere.npz")
    with pytest.raises(ProblemError, match=r"\.npz or \.json"):
        read_problem(tmp_path / "p.csv")
    with pytest.raises(ProblemError, match=r"\.npz or \.json"):
        write_problem(two_parcels_one_flight(), tmp_path / "p.csv")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.npz"
    write_problem(two_parcels_one_flight(), path)
    before = path.read_bytes()

    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(ProblemError, match="No space left"):
        write_problem(make_problem(sizes=[], options=[], free=[]), path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_unknown_status_in_a_plan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(a_plan(two_parcels_one_flight()), path)
    path.write_text(path.read_text().replace('"feasible"', '"splendid"'))

    with pytest.raises(ProblemError, match="status"):
        read_plan(path)
