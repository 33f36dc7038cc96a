"""Tasks: success, failure, what depends on what, names, order, time limits, many at once, tasks within tasks."""

import asyncio
import time

from _checks import check, equal, eventually, flow_run_states, get, read_flow_run, read_task_runs, run_checks, task_run_states, unique
from prefect import flow, get_client, task, unmapped
from prefect.client.schemas.filters import TaskRunFilter, TaskRunFilterTags
from prefect.exceptions import ObjectNotFound
from prefect.futures import as_completed, wait
from prefect.runtime import task_run
from prefect.states import Failed
from prefect.task_runners import ThreadPoolTaskRunner


def read_again(task_run_id):
    with get_client(sync_client=True) as client:
        return client.read_task_run(task_run_id)


# The first check: the client would count it among the tasks of a flow that had run before in the same process.
@check
def a_task_without_a_flow_is_recorded():
    seen = {}

    @task
    def alone(x):
        seen["id"] = task_run.id
        return x

    equal(alone(5), 5)
    run = eventually(lambda: wait_final(seen["id"]))
    equal((run.state_name, run.flow_run_id), ("Completed", None))


def wait_final(task_run_id):
    try:
        run = read_again(task_run_id)
    except ObjectNotFound as error:
        raise AssertionError(f"no task run {task_run_id} yet") from error
    assert run.state.is_final(), run.state_name
    return run


@check
def tasks_are_recorded_in_the_order_of_their_calls():
    @task
    def first(x):
        return x + 1

    @task(name="The second", description="Adds ten.", version="v2", tags=["late", "early"])
    def second(x):
        return x + 10

    @flow(name=unique("order"))
    def order():
        return second(second(first(1)))

    state = order(return_state=True)
    equal(state.result(), 22, "result")

    runs = read_task_runs(state.state_details.flow_run_id, 3)
    equal([run.name[:-4] for run in runs], ["first", "The second", "The second"], "names")
    equal([run.state_name for run in runs], ["Completed"] * 3, "states")
    equal([run.run_count for run in runs], [1, 1, 1], "run counts")
    equal(sorted(runs[1].tags), ["early", "late"], "tags")
    equal(runs[1].task_version, "v2", "version")
    equal(len({run.task_key for run in runs}), 2, "task keys")
    equal(len({run.dynamic_key for run in runs[1:]}), 2, "dynamic keys of two calls")
    equal(task_run_states(runs[0].id), ["Pending", "Running", "Completed"], "states of a task run")
    for run in runs:
        assert run.start_time <= run.end_time and run.total_run_time == run.end_time - run.start_time, run.name
        equal(str(run.flow_run_id), str(state.state_details.flow_run_id))
        equal(run.state.state_details.task_run_id, run.id, "the state names its run")


@check
def a_task_that_raises_fails_and_the_flow_may_go_on():
    class OwnError(Exception):
        pass

    @task
    def breaks():
        raise OwnError("broken on purpose")

    @task
    def says_failed():
        return Failed(message="said so")

    @flow(name=unique("task-fails"))
    def goes_on():
        breaks(return_state=True)
        says_failed(return_state=True)
        return "went on"

    @flow(name=unique("task-fails"))
    def gives_up():
        breaks()

    state = goes_on(return_state=True)
    equal(state.type.value, "COMPLETED")
    one, two = read_task_runs(state.state_details.flow_run_id, 2)
    equal((one.state_type.value, one.state_name), ("FAILED", "Failed"))
    assert "OwnError: broken on purpose" in one.state.message, one.state.message
    equal((two.state_type.value, two.state.message), ("FAILED", "said so"))

    state = gives_up(return_state=True)
    run = read_flow_run(state.state_details.flow_run_id)
    equal(run.state_name, "Failed")
    assert "OwnError: broken on purpose" in run.state.message, run.state.message


@check
def inputs_say_what_a_task_depends_on():
    @task
    def gives(n):
        return n

    @task
    def takes(a, b, c=None):
        return a

    @flow(name=unique("inputs"))
    def depends(n: int):
        one = gives.submit(n)
        two = gives.submit(2)
        takes.submit(one, b=[two, 5], wait_for=[two]).wait()

    state = depends(7, return_state=True)
    runs = read_task_runs(state.state_details.flow_run_id, 3)
    taker = next(run for run in runs if run.name.startswith("takes"))
    givers = sorted(str(run.id) for run in runs if run.name.startswith("gives"))
    equal([entry.input_type for entry in taker.task_inputs["a"]], ["task_run"], "input a")
    assert str(taker.task_inputs["a"][0].id) in givers
    equal([str(entry.id) for entry in taker.task_inputs["wait_for"]], [str(entry.id) for entry in taker.task_inputs["b"]], "wait_for and b")
    graph = get(f"/flow_runs/{state.state_details.flow_run_id}/graph-v2")
    nodes = {node["id"]: node for _, node in graph["nodes"]}
    equal(len(nodes), 3, "nodes of the graph")
    equal(sorted({parent["id"] for parent in nodes[str(taker.id)]["parents"]}), givers, "parents in the graph")


@check
def a_task_after_a_failed_one_does_not_start():
    @task
    def breaks():
        raise RuntimeError("no")

    @task
    def never(x):
        raise AssertionError("must not be called")

    @flow(name=unique("upstream"))
    def upstream():
        never.submit(breaks.submit()).wait()
        return "done"

    state = upstream(return_state=True)
    runs = {run.name.split("-")[0]: run for run in read_task_runs(state.state_details.flow_run_id, 2, final=False)}
    eventually(lambda: equal(read_again(runs["never"].id).state_name, "NotReady"))
    again = read_again(runs["never"].id)
    equal((again.state_type.value, again.run_count), ("PENDING", 0))
    assert "upstream" in again.state.message.lower(), again.state.message


@check
def fifty_tasks_at_once_are_all_recorded():
    @task(task_run_name="square-of-{x}")
    def square(x, offset):
        time.sleep(0.01)
        return x * x + offset

    @flow(name=unique("fifty"), task_runner=ThreadPoolTaskRunner(max_workers=10))
    def fifty():
        return sum(square.map(list(range(50)), unmapped(1)).result())

    state = fifty(return_state=True)
    equal(state.result(), sum(x * x + 1 for x in range(50)), "result")
    runs = read_task_runs(state.state_details.flow_run_id, 50)
    equal(sorted(run.name for run in runs), sorted(f"square-of-{x}" for x in range(50)), "names")
    equal({run.state_name for run in runs}, {"Completed"}, "states")
    equal(len({run.dynamic_key for run in runs}), 50, "dynamic keys")


@check
async def async_tasks_run_together():
    @task
    async def waits(n):
        await asyncio.sleep(0.2)
        return n

    @flow(name=unique("gather"))
    async def gathers():
        return sum(await asyncio.gather(*(waits(n) for n in range(10))))

    began = time.monotonic()
    state = await gathers(return_state=True)
    assert time.monotonic() - began < 3
    equal(await state.result(), 45, "result")
    runs = read_task_runs(state.state_details.flow_run_id, 10)
    equal({run.state_name for run in runs}, {"Completed"}, "states")
    overlapping = max(run.start_time for run in runs) < min(run.end_time for run in runs)
    assert overlapping, "all ten ran at one time"


@check
def futures_can_be_waited_for():
    @task
    def sleeps(seconds):
        time.sleep(seconds)
        return seconds

    @flow(name=unique("futures"))
    def futures():
        made = [sleeps.submit(seconds) for seconds in (0.4, 0.01)]
        order = [future.result() for future in as_completed(made)]
        done, not_done = wait(made)
        equal((len(done), len(not_done)), (2, 0))
        return order

    equal(futures(), [0.01, 0.4], "order of completion")


@check
def tasks_call_tasks():
    @task
    def inner(n):
        return n + 1

    @task
    def outer(n):
        return inner(n) + inner(n + 1)

    @flow(name=unique("nested"))
    def nested():
        return outer(1)

    state = nested(return_state=True)
    equal(state.result(), 5, "result")
    runs = read_task_runs(state.state_details.flow_run_id, 3)
    outer_run = next(run for run in runs if run.name.startswith("outer"))
    inner_runs = [run for run in runs if run.name.startswith("inner")]
    equal(len(inner_runs), 2)
    for run in inner_runs:
        equal([entry.id for entry in run.task_inputs["__parents__"]], [outer_run.id], "the task that called")
    graph = get(f"/flow_runs/{state.state_details.flow_run_id}/graph-v2")
    nodes = {node["id"]: node for _, node in graph["nodes"]}
    for run in inner_runs:
        equal([entry["id"] for entry in nodes[str(run.id)]["encapsulating"]], [str(outer_run.id)], "encapsulating in the graph")


@check
def a_task_that_takes_too_long_is_timed_out():
    @task(timeout_seconds=0.3)
    def slow():
        for _ in range(40):
            time.sleep(0.1)

    @flow(name=unique("slow-task"))
    def waits():
        return slow(return_state=True).name

    state = waits(return_state=True)
    equal(state.result(), "TimedOut")
    (run,) = read_task_runs(state.state_details.flow_run_id, 1)
    equal((run.state_type.value, run.state_name), ("FAILED", "TimedOut"))


@check
def task_runs_are_found_by_tag_and_state():
    tag = unique("tag")

    @task(tags=[tag])
    def good():
        return 1

    @task(tags=[tag])
    def bad():
        raise ValueError

    @flow(name=unique("tagged"))
    def tagged():
        good()
        bad(return_state=True)

    state = tagged(return_state=True)
    read_task_runs(state.state_details.flow_run_id, 2)
    with get_client(sync_client=True) as client:
        found = client.read_task_runs(task_run_filter=TaskRunFilter(tags=TaskRunFilterTags(all_=[tag]), state={"type": {"any_": ["FAILED"]}}))
    equal([run.name.split("-")[0] for run in found], ["bad"], "failed runs with the tag")


@check
def tasks_leave_the_states_of_the_flow_alone():
    @task
    def one():
        return 1

    @flow(name=unique("states"))
    def states():
        return [one() for _ in range(3)]

    run_id = states(return_state=True).state_details.flow_run_id
    equal(flow_run_states(run_id), ["Pending", "Running", "Completed"], "states")


run_checks()
