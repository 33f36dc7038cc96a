"""Processes that end in the middle of a flow, and what the server says of their runs."""

import re
import signal

from _checks import PATIENCE, check, equal, eventually, flow_run_states, process, read_flow_run, read_task_runs, run_checks, unique
from prefect import flow, get_client, task
from prefect.states import Crashed


def running(child):
    """The id of the flow run in that process, as soon as the server says that it runs."""

    def read():
        found = re.search(r"flow run ([0-9a-f-]{36})", child.log.read_text())
        assert found is not None, child.log.read_text()
        return found[1]

    run_id = eventually(read, within=30)
    eventually(lambda: equal(read_flow_run(run_id).state_name, "Running"))
    return run_id


@check
def a_flow_whose_process_is_interrupted_is_crashed_and_so_is_its_task():
    with process("_long.py", unique("interrupted"), "task") as child:
        run_id = running(child)
        read_task_runs(run_id, 1, final=False)
        child.send_signal(signal.SIGINT)
        child.wait(20 * PATIENCE)

    equal(eventually(lambda: final(run_id)).state_type.value, "CRASHED")
    (run,) = read_task_runs(run_id, 1)
    equal(run.state_type.value, "CRASHED", "the task run")


@check
def a_flow_whose_process_is_killed_is_running_until_somebody_says_otherwise():
    with process("_long.py", unique("killed")) as child:
        run_id = running(child)
        child.kill()
        child.wait(20 * PATIENCE)

    equal(read_flow_run(run_id).state_name, "Running")
    with get_client(sync_client=True) as client:
        answer = client.set_flow_run_state(run_id, Crashed(message="nobody heard of it"))
    equal(answer.status.value, "ACCEPT")
    run = read_flow_run(run_id)
    equal((run.state_name, run.state.message), ("Crashed", "nobody heard of it"))


@check
def what_has_ended_cannot_crash_any_more():
    @flow(name=unique("ended"))
    def ended():
        return None

    run_id = ended(return_state=True).state_details.flow_run_id
    with get_client(sync_client=True) as client:
        answer = client.set_flow_run_state(run_id, Crashed())
    equal((answer.status.value, read_flow_run(run_id).state_name), ("ABORT", "Completed"))


@check
def an_exception_that_is_no_error_crashes_a_task():
    class Stop(BaseException):
        pass

    @task
    def stops():
        raise Stop("now")

    @flow(name=unique("base-exception"))
    def goes_on():
        try:
            stops()
        except Stop:
            return "caught"

    state = goes_on(return_state=True)
    equal(state.result(), "caught", "result")
    (run,) = read_task_runs(state.state_details.flow_run_id, 1)
    equal((run.state_type.value, run.state_name), ("CRASHED", "Crashed"))


def final(run_id):
    run = read_flow_run(run_id)
    assert run.state.is_final(), run.state_name
    return run


run_checks()
