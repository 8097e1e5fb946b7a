"""A crew of processes: answers by position, a death costs one task, and nobody stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from routing import processes
from routing.processes import Crew
from tests.unit.routing import crew_tasks


def never() -> bool:
    return False


def gone(pid: int, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def crew_of(request):
    """Crews that end with the test."""

    def make(do, workers):
        crew = Crew(do, workers)
        request.addfinalizer(crew.close)
        return crew

    return make


def test_every_task_is_answered_at_its_position_and_the_processes_stay(crew_of):
    crew = crew_of(crew_tasks.square, 2)
    first = dict(crew.work([1, 2, 3, 4, 5], never))
    second = dict(crew.work([6, 7], never))

    assert {at: answer for at, (answer, _) in first.items()} == {0: 1, 1: 4, 2: 9, 3: 16, 4: 25}
    assert {at: answer for at, (answer, _) in second.items()} == {0: 36, 1: 49}
    makers = {pid for _, pid in first.values()}
    assert os.getpid() not in makers
    assert {pid for _, pid in second.values()} <= makers


def test_no_more_processes_are_started_than_there_are_tasks(crew_of):
    crew = crew_of(crew_tasks.square, 8)
    list(crew.work([3], never))

    assert len(crew._workers) == 1


def test_nothing_to_do_starts_nothing(crew_of):
    crew = crew_of(crew_tasks.square, 2)

    assert list(crew.work([], never)) == []
    assert crew._workers == []


def test_a_killed_process_costs_its_task_a_second_try(crew_of, tmp_path):
    crew = crew_of(crew_tasks.die_unless_marked, 2)
    tasks = [(0, ""), (1, str(tmp_path / "once")), (2, ""), (3, "")]

    assert dict(crew.work(tasks, never)) == {0: 0, 1: 1, 2: 2, 3: 3}


def test_a_task_that_kills_every_process_is_left_out(crew_of):
    crew = crew_of(crew_tasks.die_at_seven, 2)

    assert sorted(answer for _, answer in crew.work([5, 6, 7, 8, 9], never)) == [5, 6, 8, 9]
    assert dict(crew.work([1], never)) == {0: 1}


def test_who_is_told_to_stop_hands_in_what_it_has(crew_of):
    crew = crew_of(crew_tasks.wait_to_be_told, 1)
    answers = []

    def once_one_is_done() -> bool:
        return bool(answers)

    for _, answer in crew.work([0.0, 1000.0, 1000.0], once_one_is_done):
        answers.append(answer)

    assert answers == ["searched", "stopped"] or answers == ["searched"]


def test_what_is_still_computed_for_an_abandoned_round_is_not_taken_for_the_next(crew_of):
    crew = crew_of(crew_tasks.wait_to_be_told, 2)
    for _ in crew.work([0.0, 1000.0], never):
        break

    assert sorted(crew.work([0.0, 0.0, 0.0], never)) == [(0, "searched"), (1, "searched"), (2, "searched")]


def test_where_processes_do_not_start_the_tasks_are_done_here(crew_of, monkeypatch):
    monkeypatch.setattr(processes, "_serve", len)
    crew = crew_of(crew_tasks.square, 2)

    assert dict(crew.work([2, 3], never)) == {0: (4, os.getpid()), 1: (9, os.getpid())}


def test_closing_ends_every_process_also_one_that_computes(crew_of):
    crew = crew_of(crew_tasks.wait_to_be_told, 2)
    at_work = crew.work([0.0, 1000.0], never)
    next(at_work)
    pids = [worker.process.pid for worker in crew._workers]
    crew.close()
    at_work.close()

    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_the_processes_end_with_the_one_that_started_them():
    code = (
        "import os, signal\n"
        "from routing.processes import Crew\n"
        "from tests.unit.routing import crew_tasks\n"
        "if __name__ == '__main__':\n"
        "    crew = Crew(crew_tasks.wait_to_be_told, 2)\n"
        "    next(crew.work([0.0, 1000.0], bool))\n"
        "    print(*(worker.process.pid for worker in crew._workers), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == -signal.SIGKILL
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_a_crew_of_nobody_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Crew(crew_tasks.square, 0)
