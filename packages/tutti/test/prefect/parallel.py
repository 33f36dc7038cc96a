"""Twenty processes with a flow each, as many at once as there is room for."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from _checks import HERE, PATIENCE, check, equal, eventually, flow_run_states, post, read_flow_runs, read_logs, read_task_runs, run_checks, unique
from prefect.client.schemas.filters import FlowFilter, FlowFilterName


@check
def twenty_processes_leave_twenty_whole_runs():
    name = unique("parallel")

    def one(n):
        ended = subprocess.run([sys.executable, "_parallel.py", name, str(n)], capture_output=True, text=True, timeout=100 * PATIENCE, cwd=HERE, env=os.environ)
        assert ended.returncode == 0, (ended.stdout + ended.stderr)[-1500:]

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(one, range(20)))

    runs = read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=[name])))
    equal(sorted(run.parameters["n"] for run in runs), list(range(20)), "runs")
    equal(len({run.flow_id for run in runs}), 1, "flows")
    for run in runs:
        equal(flow_run_states(run.id), ["Pending", "Running", "Completed"], "states")
        tasks = read_task_runs(run.id, 5)
        equal({task.state_name for task in tasks}, {"Completed"}, "states of tasks")
        eventually(lambda: equal(any(f"process {run.parameters['n']}" in log.message for log in read_logs(run.id)), True, "its log"))
    count = post("/task_runs/count", {"flows": {"name": {"any_": [name]}}, "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}})
    equal(count, 100, "task runs")


run_checks()
