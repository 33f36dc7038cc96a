"""`flow.serve()`: runs on a schedule and on request, cancellation, suspension, deployments that call deployments."""

import datetime
import signal
from contextlib import contextmanager

import prefect.exceptions
from _checks import (
    PATIENCE,
    check,
    equal,
    eventually,
    flow_run_states,
    get,
    process,
    read_child_runs,
    read_flow_run,
    read_flow_runs,
    read_logs,
    read_task_runs,
    run_checks,
    task_run_states,
    unique,
)
from _served import quick
from prefect import flow, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import StateType
from prefect.deployments import run_deployment
from prefect.flow_runs import resume_flow_run
from prefect.states import Cancelling


NAME = unique("served")
EVERY_THREE = unique("every-three")
CANCELLED_EARLY = unique("nobody-serves")
runs = {}
processes = {}


@contextmanager
def served():
    """Two processes that serve, with work for both: the checks look at it one after the other while it is done at one time."""
    with process("_served.py", EVERY_THREE, "3") as every_three, process("_served.py", NAME):
        processes["every three"] = every_three
        for flow_name in ("quick", "breaks", "slow", "suspends", "suspends-for-an-answer"):
            deployment_named(f"{flow_name}/{NAME}")
            runs[flow_name] = run_deployment(f"{flow_name}/{NAME}", timeout=0).id
        yield


def deployment_named(name):
    def read():
        with get_client(sync_client=True) as client:
            try:
                return client.read_deployment_by_name(name)
            except prefect.exceptions.ObjectNotFound as error:
                raise AssertionError(f"no deployment {name} yet") from error

    return eventually(read, within=30)


def runs_of(deployment_id, state=None):
    found = read_flow_runs(FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment_id])))
    return [run for run in found if state is None or run.state_name == state]


def ended(run_id, within=40):
    def read():
        run = read_flow_run(run_id)
        assert run.state.is_final(), f"{run.state_name}: {flow_run_states(run_id)}"
        return run

    return eventually(read, within=within)


def in_state(run_id, name, within=30):
    def read():
        run = read_flow_run(run_id)
        equal(run.state_name, name)
        return run

    return eventually(read, within=within)


@check
def a_flow_served_every_three_seconds_runs_until_it_is_stopped():
    deployment = deployment_named(f"quick/{EVERY_THREE}")
    equal([schedule.schedule.interval for schedule in deployment.schedules], [datetime.timedelta(seconds=3)], "schedule")

    def two_completed():
        assert len(runs_of(deployment.id, "Completed")) >= 2, [run.state_name for run in runs_of(deployment.id)]

    eventually(two_completed, within=40)
    processes["every three"].send_signal(signal.SIGINT)
    processes["every three"].wait(60 * PATIENCE)

    completed = sorted(runs_of(deployment.id, "Completed"), key=lambda run: run.expected_start_time)
    for run in completed:
        # A wait that rounds to no seconds is none.
        assert run.auto_scheduled and run.start_time > run.expected_start_time - datetime.timedelta(seconds=1), run.name
        equal((run.deployment_id, run.name.count("-")), (deployment.id, 1))
        equal(flow_run_states(run.id)[-4:], ["Pending", "Submitting", "Running", "Completed"], "states")
    equal((completed[1].expected_start_time - completed[0].expected_start_time).total_seconds(), 3.0, "seconds between two runs")
    eventually(lambda: equal(any("quick 1 default" in log.message for log in read_logs(completed[0].id)), True, "its log"))
    read_task_runs(completed[0].id, 1)
    assert get(f"/deployments/{deployment.id}")["paused"], "paused when the process stopped"
    equal(runs_of(deployment.id, "Scheduled"), [], "runs that nobody would start")


@check
def a_served_flow_runs_on_request():
    deployment = deployment_named(f"quick/{NAME}")
    run = run_deployment(f"quick/{NAME}", parameters={"n": 21}, tags=["mine"], flow_run_name="by-hand", poll_interval=0.3, timeout=40 * PATIENCE)
    equal((run.state_name, run.state.result(), run.name), ("Completed", 42, "by-hand"))
    equal(run.parameters, {"n": 21}, "parameters")
    equal(sorted(run.tags), ["mine", "served"], "tags")
    equal((run.deployment_id, run.auto_scheduled), (deployment.id, False))
    one = run_deployment(f"quick/{NAME}", idempotency_key=NAME, timeout=0)
    two = run_deployment(f"quick/{NAME}", idempotency_key=NAME, timeout=0)
    equal(one.id, two.id, "runs with one idempotency key")
    equal((ended(runs["quick"]).state_name, ended(one.id).state_name), ("Completed", "Completed"))


@check
def a_deployment_called_from_a_flow_is_its_child():
    @flow(name=unique("caller"))
    def caller():
        return str(run_deployment(f"quick/{NAME}", parameters={"n": 5}, poll_interval=0.3, timeout=40 * PATIENCE).id)

    state = caller(return_state=True)
    parent_id = state.state_details.flow_run_id
    (child,) = read_child_runs(parent_id)
    equal((str(child.id), child.state_name), (state.result(), "Completed"))
    (dummy,) = read_task_runs(parent_id, 1)
    equal((dummy.id, dummy.state_name), (child.parent_task_run_id, "Completed"))
    equal(task_run_states(dummy.id)[-3:], ["Submitting", "Running", "Completed"], "mirrored states")


@check
def a_served_run_is_cancelled_by_another_client():
    in_state(runs["slow"], "Running")
    with get_client(sync_client=True) as client:
        answer = client.set_flow_run_state(runs["slow"], Cancelling())
    equal(answer.status.value, "ACCEPT")
    run = ended(runs["slow"])
    equal((run.state_type, run.state_name), (StateType.CANCELLED, "Cancelled"))
    names = flow_run_states(run.id)
    equal(names[names.index("Running") :], ["Running", "Cancelling", "Cancelled"], "states")


@check
def a_run_that_has_not_started_is_cancelled_at_once():
    quick.to_deployment(CANCELLED_EARLY).apply()
    run = run_deployment(f"quick/{CANCELLED_EARLY}", timeout=0)
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, Cancelling())
    equal(read_flow_run(run.id).state_name, "Cancelled")
    equal(flow_run_states(run.id), ["Scheduled", "Cancelled"], "states")


@check
def a_suspended_run_ends_its_process_and_goes_on_in_another():
    suspended = in_state(runs["suspends"], "Suspended")
    assert suspended.state.state_details.pause_reschedule
    with get_client(sync_client=True) as client:
        answer = client.resume_flow_run(runs["suspends"])
    equal(answer.status.value, "ACCEPT")
    run = ended(runs["suspends"])
    equal((run.state_name, run.run_count), ("Completed", 1))
    names = [state for state in flow_run_states(run.id) if state != "Late"]
    in_a_process = ["Pending", "Submitting", "Running"]
    equal(names, ["Scheduled", *in_a_process, "Suspended", "Resuming", *in_a_process, "Completed"], "states")


@check
async def a_suspended_run_gets_the_answer_it_waits_for():
    run_id = runs["suspends-for-an-answer"]
    suspended = in_state(run_id, "Suspended")
    keys = suspended.state.state_details.run_input_keyset
    schema = get(f"/flow_runs/{run_id}/input/{keys['schema']}")
    equal(schema["properties"]["word"]["default"], "yes", "the schema, with what is there already")
    await resume_flow_run(run_id, run_input={"word": "no", "n": 8})
    run = ended(run_id)
    equal((run.state_name, await run.state.result()), ("Completed", ["no", 8]))


@check
def a_run_that_breaks_in_its_process_is_failed():
    run = ended(runs["breaks"])
    equal(run.state_name, "Failed")
    assert "broken in its process" in run.state.message, run.state.message


run_checks(around=served)
