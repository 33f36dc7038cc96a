"""Retries of tasks and flows, with and without delay, and what the server counts meanwhile."""

import time

from _checks import check, equal, flow_run_states, read_flow_run, read_task_runs, run_checks, task_run_states, unique
from prefect import flow, task
from prefect.tasks import exponential_backoff


@check
def a_task_is_tried_again_until_it_works():
    calls = []

    @task(retries=3)
    def third_time():
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError(f"attempt {len(calls)}")
        return len(calls)

    @flow(name=unique("task-retries"))
    def retries():
        return third_time()

    state = retries(return_state=True)
    equal(state.result(), 3, "result")
    (run,) = read_task_runs(state.state_details.flow_run_id, 1)
    equal((run.state_name, run.run_count), ("Completed", 3))
    equal(task_run_states(run.id), ["Pending", "Running", "Retrying", "Retrying", "Completed"], "states")
    equal(run.empirical_policy.retries, 3, "the policy is kept")


@check
def a_task_with_a_delay_waits_before_it_is_tried_again():
    calls = []

    @task(retries=1, retry_delay_seconds=0.6)
    def second_time():
        calls.append(time.monotonic())
        if len(calls) < 2:
            raise ConnectionError("not yet")

    @flow(name=unique("task-delay"))
    def retries():
        second_time()

    state = retries(return_state=True)
    assert calls[1] - calls[0] >= 0.6, "the delay passed"
    (run,) = read_task_runs(state.state_details.flow_run_id, 1)
    equal(task_run_states(run.id), ["Pending", "Running", "AwaitingRetry", "Retrying", "Completed"], "states")
    equal(run.run_count, 2, "run count")


@check
def a_task_that_never_works_fails_after_its_last_try():
    calls = []

    @task(retries=2, retry_delay_seconds=exponential_backoff(backoff_factor=0.05))
    def never():
        calls.append(1)
        raise ConnectionError("gone")

    @task(retries=5, retry_condition_fn=lambda task, run, state: False)
    def not_worth_it():
        raise ConnectionError("gone")

    @flow(name=unique("task-never"))
    def fails():
        never(return_state=True)
        not_worth_it(return_state=True)
        return "on"

    state = fails(return_state=True)
    equal(len(calls), 3, "calls")
    one, two = read_task_runs(state.state_details.flow_run_id, 2)
    equal((one.state_name, one.run_count), ("Failed", 3))
    equal((two.state_name, two.run_count), ("Failed", 1))


@check
def a_flow_is_tried_again_and_its_tasks_with_it():
    calls = {"flow": 0, "task": 0}

    @task
    def counted():
        calls["task"] += 1
        return calls["task"]

    @flow(name=unique("flow-retries"), retries=2)
    def retries():
        calls["flow"] += 1
        counted()
        if calls["flow"] < 3:
            raise ValueError(f"attempt {calls['flow']}")
        return "worked"

    state = retries(return_state=True)
    equal(state.result(), "worked", "result")
    run = read_flow_run(state.state_details.flow_run_id)
    equal((run.state_name, run.run_count, calls["flow"]), ("Completed", 3, 3))
    equal(flow_run_states(run.id), ["Pending", "Running", "AwaitingRetry", "Running", "AwaitingRetry", "Running", "Completed"], "states")
    equal(run.empirical_policy.retries, 2, "the policy is kept")


@check
def a_flow_with_a_delay_waits_before_it_is_tried_again():
    calls = []

    @flow(name=unique("flow-delay"), retries=1, retry_delay_seconds=2)
    def retries():
        calls.append(time.monotonic())
        if len(calls) < 2:
            raise ValueError("not yet")

    state = retries(return_state=True)
    assert calls[1] - calls[0] >= 1.4, f"only {calls[1] - calls[0]} s passed"
    run = read_flow_run(state.state_details.flow_run_id)
    equal((run.state_name, run.run_count), ("Completed", 2))
    # The time between the tries is not time it ran.
    assert run.total_run_time.total_seconds() < 1.5, run.total_run_time
    assert run.end_time - run.start_time > run.total_run_time


@check
def a_flow_that_never_works_fails_after_its_last_try():
    @flow(name=unique("flow-never"), retries=1)
    def fails():
        raise ValueError("always")

    run = read_flow_run(fails(return_state=True).state_details.flow_run_id)
    equal((run.state_name, run.run_count), ("Failed", 2))
    equal(flow_run_states(run.id), ["Pending", "Running", "AwaitingRetry", "Running", "Failed"], "states")


run_checks()
