"""What every conformance script shares: registering checks, running them, and reading back what the server knows.

A script names its checks with `@check` and ends with `run_checks()`. Checks use the Prefect client as a user would; what they assert
is read back from the server. Every check makes names of its own, so that a script can run many times against one server.
"""

import asyncio
import inspect
import os
import subprocess
import sys
import time
import traceback
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterParentFlowRunId,
    LogFilter,
    LogFilterFlowRunId,
    TaskRunFilter,
    TaskRunFilterFlowRunId,
)
from prefect.client.schemas.sorting import LogSort, TaskRunSort
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

HERE = Path(__file__).parent
API = os.environ["PREFECT_API_URL"]

_checks = []


def check(function):
    """Registers a function, plain or async, as one check. Its name is what the report calls it."""
    _checks.append(function)
    return function


def run_checks(around=nullcontext):
    """Runs the registered checks one after the other and ends the process: 0 when nothing failed that should pass.

    `around` is a context manager for what they share, a process for instance."""
    with around():
        status = _run_all()
    # Background threads of the client may still hold on to sockets; what matters has been read back already.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _run_all():
    script = Path(sys.argv[0]).stem
    only = [name for name in os.environ.get("TUTTI_CONFORMANCE_CHECKS", "").split(",") if name]
    later = _later(script)
    passed, failed, awaited = 0, 0, 0
    for function in _checks:
        name = function.__name__
        if only and name not in only:
            continue
        began = time.monotonic()
        problem = None
        try:
            _run(function)
        except (Exception, SystemExit) as error:  # A check that ends the process has failed, too.
            problem = error
        seconds = f"{time.monotonic() - began:.1f}s"
        if problem is None and name in later:
            failed += 1
            print(f"  not ok {name} {seconds}: passes now, so take it out of later.txt", flush=True)
        elif problem is None:
            passed += 1
            print(f"  ok {name} {seconds}", flush=True)
        elif name in later:
            awaited += 1
            print(f"  later {name} {seconds}: {later[name]}", flush=True)
        else:
            failed += 1
            print(f"  not ok {name} {seconds}", flush=True)
            _tell(problem)
    print(f"checks: {passed} passed, {failed} failed, {awaited} later", flush=True)
    return 1 if failed > 0 or passed + awaited == 0 else 0


def _tell(problem):
    """What went wrong, and where in the scripts; the frames inside the client are of little help."""
    text = "".join(traceback.format_exception_only(problem))[:1500]
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename.startswith(str(HERE))]
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.line}" for frame in frames if frame.name not in ("run_checks", "_run")]
    for line in [*text.rstrip().splitlines(), *places]:
        print(f"    | {line}", flush=True)


def _run(function):
    # With heartbeats the client lets a second pass at the end of every flow.
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        if inspect.iscoroutinefunction(function):
            asyncio.run(function())
        else:
            function()


def _later(script):
    """The checks of this script that Tutti does not pass yet, with the reason; none of them counts against another server."""
    if os.environ.get("TUTTI_CONFORMANCE_LATER") != "1":
        return {}
    found = {}
    for line in (HERE / "later.txt").read_text().splitlines():
        if line.strip() == "" or line.startswith("#"):
            continue
        which, reason = line.split(" ", 1)
        of_script, name = which.split(":")
        if of_script == script:
            found[name] = reason.strip()
    return found


def unique(prefix):
    """A name nothing else on the server has."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


#: A busy machine is no failure: every wait may take so many times as long as it should.
PATIENCE = 3


def eventually(function, within=15.0, every=0.1):
    """Calls until it neither raises an AssertionError nor `within` seconds, times `PATIENCE`, have passed; gives what it returned.

    Task runs and logs reach the server after the flow that made them has gone on."""
    deadline = time.monotonic() + within * PATIENCE
    while True:
        try:
            return function()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(every)


def equal(found, wanted, what="value"):
    assert found == wanted, f"{what}: found {found!r}, wanted {wanted!r}"


# ── Reading back ─────────────────────────────────────────────────────────────────────────────────────────────────


def read_flow_run(flow_run_id):
    with get_client(sync_client=True) as client:
        return client.read_flow_run(uuid.UUID(str(flow_run_id)))


def read_flow_runs(flow_run_filter=None, flow_filter=None, **options):
    with get_client(sync_client=True) as client:
        return client.read_flow_runs(flow_run_filter=flow_run_filter, flow_filter=flow_filter, **options)


def read_flow_runs_by_id(ids):
    return read_flow_runs(FlowRunFilter(id=FlowRunFilterId(any_=list(ids))))


def read_child_runs(flow_run_id):
    return read_flow_runs(FlowRunFilter(parent_flow_run_id=FlowRunFilterParentFlowRunId(any_=[flow_run_id])))


def read_task_runs(flow_run_id, count=None, final=True):
    """The task runs of a flow run in the order they were made; waits until there are `count` and until all have ended."""

    def read():
        runs = []
        with get_client(sync_client=True) as client:
            while True:
                page = client.read_task_runs(
                    task_run_filter=TaskRunFilter(flow_run_id=TaskRunFilterFlowRunId(any_=[flow_run_id])),
                    sort=TaskRunSort.EXPECTED_START_TIME_ASC,
                    limit=200,
                    offset=len(runs),
                )
                runs += page
                if len(page) < 200:
                    break
        if count is not None:
            equal(len(runs), count, "number of task runs")
        if final:
            for run in runs:
                assert run.state is not None and run.state.is_final(), f"{run.name} is {run.state_name}"
        return runs

    return eventually(read)


def flow_run_states(flow_run_id):
    """The names of all states of a flow run, oldest first."""
    return [state["name"] for state in get("/flow_run_states/", flow_run_id=str(flow_run_id))]


def task_run_states(task_run_id):
    return [state["name"] for state in get("/task_run_states/", task_run_id=str(task_run_id))]


def read_logs(flow_run_id, sort=LogSort.TIMESTAMP_ASC, **filters):
    with get_client(sync_client=True) as client:
        return client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[flow_run_id]), **filters), sort=sort, limit=200)


# ── Plain requests, for what the client has no method for ────────────────────────────────────────────────────────


def request(method, path, status=None, **options):
    response = httpx.request(method, f"{API}{path}", timeout=30, **options)
    wanted = (200, 201, 202, 204) if status is None else (status,)
    assert response.status_code in wanted, f"{method} {path} answered {response.status_code}: {response.text[:800]}"
    return response


def get(path, **query):
    return request("GET", path, params=query).json()


def post(path, body=None, status=None):
    response = request("POST", path, status=status, json={} if body is None else body)
    return response.json() if response.content else None


# ── Other processes ──────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def process(*args, **environment):
    """Another process of this Python (`process('file.py', 'argument')`), ended with the block. Its output is in `.log`."""
    log = Path(os.environ["PREFECT_HOME"]) / f"process-{uuid.uuid4().hex[:8]}.log"
    with log.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, *map(str, args)], stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment}, cwd=HERE
        )
    child.log = log
    try:
        yield child
    except BaseException:
        print(f"output of {' '.join(map(str, args))}:\n{log.read_text()[-3000:]}", flush=True)
        raise
    finally:
        # A check that is about an orderly end has asked for it itself. What the child started ends with this process's group.
        child.kill()
        child.wait()


def prefect(*args, status=0, timeout=60 * PATIENCE):
    """Runs the `prefect` command to its end and gives what it printed."""
    # Wide, so that no table cuts what the check looks for.
    environment = {**os.environ, "COLUMNS": "300", "NO_COLOR": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "prefect", *args], capture_output=True, text=True, timeout=timeout, env=environment, cwd=HERE
    )
    output = ended.stdout + ended.stderr
    assert ended.returncode == status, f"prefect {' '.join(args)} ended with {ended.returncode}:\n{output[-2500:]}"
    return output


def all_of(*commands):
    """Runs several commands at once: most of a command's time is its start."""
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(lambda command: prefect(*command), commands))
