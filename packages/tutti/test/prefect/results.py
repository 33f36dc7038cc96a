"""Results: kept, read back, cached, and what transactions do with them."""

import datetime
import json

from _checks import check, equal, eventually, read_flow_run, read_task_runs, run_checks, task_run_states, unique
from prefect import flow, get_client, task
from prefect.cache_policies import INPUTS, NO_CACHE, TASK_SOURCE
from prefect.tasks import task_input_hash
from prefect.transactions import transaction


@check
def a_kept_result_is_read_through_the_state():
    @task(persist_result=True)
    def makes(x):
        return {"x": x, "at": datetime.date(2026, 1, 2)}

    @task(persist_result=True, result_serializer="json")
    def makes_json():
        return [1, 1.0, None]

    @flow(name=unique("kept"), persist_result=True)
    def kept():
        makes_json()
        return makes(3)

    state = kept(return_state=True)
    run = read_flow_run(state.state_details.flow_run_id)
    equal(run.state.result(), {"x": 3, "at": datetime.date(2026, 1, 2)}, "result of the flow, read through the server")
    equal(run.state.data.serializer.type, "pickle", "serializer")
    one, two = sorted(read_task_runs(run.id, 2), key=lambda one: one.name)
    equal(one.state.result(), {"x": 3, "at": datetime.date(2026, 1, 2)}, "result of the task")
    equal((json.dumps(two.state.result()), two.state.data.serializer.type), ("[1, 1.0, null]", "json"), "result as JSON")


@check
def a_result_that_is_not_kept_leaves_no_data():
    @flow(name=unique("not-kept"), persist_result=False)
    def not_kept():
        return 5

    run = read_flow_run(not_kept(return_state=True).state_details.flow_run_id)
    equal(run.state.data, None, "data")


@check
def a_cached_task_is_not_called_again():
    calls = []
    salt = unique("salt")

    @task(cache_key_fn=task_input_hash, cache_expiration=datetime.timedelta(minutes=5), persist_result=True)
    def slow(x, salt):
        calls.append(x)
        return x * 2

    @flow(name=unique("cached"))
    def cached():
        return slow(1, salt) + slow(1, salt) + slow(2, salt)

    state = cached(return_state=True)
    equal((state.result(), calls), (8, [1, 2]), "result and calls")
    runs = read_task_runs(state.state_details.flow_run_id, 3)
    equal([run.state_name for run in runs], ["Completed", "Cached", "Completed"], "states")
    equal(task_run_states(runs[1].id)[-1], "Cached")
    equal(runs[1].state.result(), 2, "result of the cached run")

    again = cached(return_state=True)
    runs = read_task_runs(again.state_details.flow_run_id, 3)
    equal([run.state_name for run in runs], ["Cached"] * 3, "states of another run")


@check
def cache_policies_decide_what_counts_as_the_same():
    calls = []
    salt = unique("salt")

    @task(cache_policy=TASK_SOURCE + INPUTS, persist_result=True)
    def by_policy(x, salt):
        calls.append(x)
        return x

    @task(cache_policy=NO_CACHE)
    def never(x):
        calls.append(x)
        return x

    @task(cache_policy=INPUTS, refresh_cache=True, persist_result=True)
    def refreshed(x, salt):
        calls.append(x)
        return x

    @flow(name=unique("policies"))
    def policies():
        for _ in range(2):
            by_policy("p", salt)
            never("n")
            refreshed("r", salt)

    state = policies(return_state=True)
    equal("".join(calls), "pnrnr", "calls")
    runs = read_task_runs(state.state_details.flow_run_id, 6)
    equal(sorted((run.name.split("-")[0], run.state_name) for run in runs if run.state_name == "Cached"), [("by_policy", "Cached")], "cached")


@check
def an_expired_result_is_made_anew():
    import time

    calls = []

    @task(cache_key_fn=lambda *_: salt, cache_expiration=datetime.timedelta(seconds=0.5), persist_result=True)
    def short_lived():
        calls.append(1)
        return len(calls)

    salt = unique("salt")

    @flow(name=unique("expired"))
    def expired():
        first = short_lived()
        time.sleep(0.8)
        return first, short_lived()

    state = expired(return_state=True)
    equal(state.result(), (1, 2), "result")
    equal([run.state_name for run in read_task_runs(state.state_details.flow_run_id, 2)], ["Completed", "Completed"], "states")


@check
def a_failed_transaction_rolls_its_tasks_back():
    undone = []

    @task
    def writes(x):
        return x

    @writes.on_rollback
    def undo(transaction):
        undone.append("writes")

    @task
    def breaks():
        raise ValueError("after the write")

    @flow(name=unique("rollback"))
    def rolls_back():
        with transaction():
            writes(1)
            breaks()

    state = rolls_back(return_state=True)
    equal((state.type.value, undone), ("FAILED", ["writes"]), "the hook ran")
    runs = read_task_runs(state.state_details.flow_run_id, 2)

    def rolled_back():
        writer = next(run for run in read_task_runs(state.state_details.flow_run_id, 2) if run.name.startswith("writes"))
        equal((writer.state_type.value, writer.state_name), ("COMPLETED", "RolledBack"))
        equal(task_run_states(writer.id), ["Pending", "Running", "Completed", "RolledBack"], "states")

    eventually(rolled_back)
    equal(len(runs), 2)


@check
def a_transaction_with_a_key_is_done_once():
    calls = []
    key = unique("key")

    @task
    def work():
        calls.append(1)
        return "worked"

    @flow(name=unique("keyed"))
    def keyed():
        with transaction(key=key) as txn:
            if txn.is_committed():
                return txn.read().result
            value = work()
            txn.stage(value)
            return value

    equal((keyed(), keyed(), len(calls)), ("worked", "worked", 1), "results and calls")


@check
async def results_of_async_runs_are_read_by_another_client():
    @task(persist_result=True)
    async def makes():
        return "made"

    @flow(name=unique("async-result"), persist_result=True)
    async def makes_too():
        return await makes()

    state = await makes_too(return_state=True)
    async with get_client() as client:
        run = await client.read_flow_run(state.state_details.flow_run_id)
    equal(await run.state.result(), "made")


run_checks()
