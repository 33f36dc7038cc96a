"""Flows that call flows: the link between the two runs, mirrored states, the graph."""

import asyncio

from _checks import check, equal, eventually, get, read_child_runs, read_flow_run, read_task_runs, run_checks, task_run_states, unique
from prefect import flow, get_client, task
from prefect.client.schemas.filters import TaskRunFilter
from prefect.runtime import flow_run


@check
def a_subflow_is_linked_to_its_parent_through_a_task_run():
    seen = {}

    @flow(name=unique("child"))
    def child(x: int):
        seen["parent"] = flow_run.parent_flow_run_id
        seen["root"] = flow_run.root_flow_run_id
        return x + 1

    @flow(name=unique("parent"))
    def parent():
        return child(4)

    state = parent(return_state=True)
    parent_id = state.state_details.flow_run_id
    equal(state.result(), 5, "result")
    (run,) = read_child_runs(parent_id)
    equal((run.state_name, run.parameters), ("Completed", {"x": 4}))
    equal((seen["parent"], seen["root"]), (str(parent_id), str(parent_id)), "what the child knows of its parent")
    (dummy,) = read_task_runs(parent_id, 1)
    equal(run.parent_task_run_id, dummy.id, "link to the task run")
    equal((dummy.state_name, dummy.state.state_details.child_flow_run_id), ("Completed", run.id))
    equal(task_run_states(dummy.id), ["Pending", "Pending", "Running", "Completed"], "mirrored states")
    equal(run.state.state_details.task_run_id, dummy.id, "the child's state names the task run")
    with get_client(sync_client=True) as client:
        found = client.read_task_runs(task_run_filter=TaskRunFilter.model_validate({"flow_run_id": {"any_": [parent_id]}, "subflow_runs": {"exists_": True}}))
    equal([one.id for one in found], [dummy.id], "task runs that stand for flows")


@check
def a_failed_subflow_fails_its_task_run_and_the_parent_may_go_on():
    @flow(name=unique("child"))
    def child():
        raise ValueError("in the child")

    @flow(name=unique("parent"))
    def parent():
        return child(return_state=True).type.value

    state = parent(return_state=True)
    equal(state.result(), "FAILED", "what the parent saw")
    (dummy,) = read_task_runs(state.state_details.flow_run_id, 1)
    equal(dummy.state_name, "Failed")
    assert "in the child" in dummy.state.message, dummy.state.message


@check
def the_graph_shows_tasks_and_subflows_with_what_they_depend_on():
    @task
    def gives():
        return 1

    @flow(name=unique("child"))
    def child(x):
        return x

    @task
    def takes(x):
        return x

    @flow(name=unique("parent"))
    def parent():
        return takes(child(gives.submit()))

    state = parent(return_state=True)
    parent_id = state.state_details.flow_run_id
    runs = read_task_runs(parent_id, 3)
    (run,) = read_child_runs(parent_id)
    graph = get(f"/flow_runs/{parent_id}/graph-v2")
    kinds = sorted((node["kind"], node["label"].split(" / ")[0].rsplit("-", 1)[0]) for _, node in graph["nodes"])
    equal([kind for kind, _ in kinds], ["flow-run", "task-run", "task-run"], "kinds")
    nodes = {node["id"]: node for _, node in graph["nodes"]}
    assert str(run.id) in nodes, "the sub-flow stands under its own id"
    assert nodes[str(run.id)]["label"].endswith(f" / {run.name}"), nodes[str(run.id)]["label"]
    giver = next(one for one in runs if one.name.startswith("gives"))
    equal([parent["id"] for parent in nodes[str(run.id)]["parents"]], [str(giver.id)], "what the sub-flow depends on")
    equal([child["id"] for child in nodes[str(giver.id)]["children"]], [str(run.id)], "what depends on the task")


@check
async def async_subflows_run_together():
    @flow(name=unique("child"))
    async def child(n: int):
        await asyncio.sleep(0.1)
        return n

    @flow(name=unique("parent"))
    async def parent():
        return sorted(await asyncio.gather(*(child(n) for n in range(5))))

    state = await parent(return_state=True)
    equal(await state.result(), [0, 1, 2, 3, 4], "results")
    parent_id = state.state_details.flow_run_id
    children = read_child_runs(parent_id)
    equal(sorted(run.parameters["n"] for run in children), [0, 1, 2, 3, 4], "children")
    equal(len({run.parent_task_run_id for run in children}), 5, "each has a task run of its own")
    read_task_runs(parent_id, 5)


@check
def a_retried_parent_finds_its_completed_child_again():
    calls = {"child": 0, "parent": 0}

    @flow(name=unique("child"), persist_result=True)
    def child():
        calls["child"] += 1
        return calls["child"]

    @flow(name=unique("parent"), retries=1)
    def parent():
        calls["parent"] += 1
        found = child()
        if calls["parent"] == 1:
            raise ValueError("once more")
        return found

    state = parent(return_state=True)
    equal((state.result(), calls["child"]), (1, 1), "the child ran once")
    run = read_flow_run(state.state_details.flow_run_id)
    equal(run.run_count, 2)
    equal(len(read_child_runs(run.id)), 1, "children")


@check
def a_flow_inside_a_task_belongs_to_the_outer_flow_run():
    @flow(name=unique("inner"))
    def inner():
        return 1

    @task
    def calls_a_flow():
        return inner()

    @flow(name=unique("outer"))
    def outer():
        return calls_a_flow()

    state = outer(return_state=True)
    equal(state.result(), 1)
    eventually(lambda: equal(len(read_child_runs(state.state_details.flow_run_id)), 1, "children"))


run_checks()
