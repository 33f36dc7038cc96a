"""Background tasks: `task.delay()` here, `task.serve()` in another process."""

import os
import uuid

from _background import adds, breaks, second_time
from _checks import check, equal, eventually, get, post, process, run_checks, task_run_states
from prefect import get_client


def ended(task_run_id, within=30):
    def read():
        with get_client(sync_client=True) as client:
            run = client.read_task_run(uuid.UUID(str(task_run_id)))
        assert run.state.is_final(), f"{run.state_name}: {task_run_states(run.id)}"
        return run

    return eventually(read, within=within)


@check
def delayed_tasks_are_run_by_the_process_that_serves_them():
    before = adds.delay(1.0, 2)
    run = get(f"/task_runs/{before.task_run_id}")
    equal((run["state_type"], run["state"]["state_details"]["deferred"], run["flow_run_id"]), ("SCHEDULED", True, None), "waiting")

    with process("_background.py"):
        after = adds.apply_async((20, 22))
        equal(ended(after.task_run_id).state.result(), 42, "one that was delayed while they were served")
        equal(ended(before.task_run_id).state.result(), 3.0, "one that was delayed before")
        names = task_run_states(before.task_run_id)
        equal((names[0], names[-2:]), ("Scheduled", ["Running", "Completed"]), "states")

        path = os.path.join(os.environ["PREFECT_HOME"], "calls")
        again = second_time.delay(path)
        broken = breaks.delay()
        run = ended(again.task_run_id)
        equal((run.state_name, run.state.result(), run.run_count), ("Completed", 2, 2), "one that was tried again")
        run = ended(broken.task_run_id)
        equal(run.state_name, "Failed")
        assert "broken in the background" in run.state.message, run.state.message

        def served():
            workers = post("/task_workers/filter", {"task_worker_filter": {"task_keys": [adds.task_key]}})
            equal(len(workers), 1, "processes that serve it")
            assert breaks.task_key in workers[0]["task_keys"], workers

        eventually(served)

    eventually(lambda: equal(post("/task_workers/filter", {"task_worker_filter": {"task_keys": [adds.task_key]}}), [], "processes that serve it"))


@check
def many_delayed_tasks_run_once_each():
    futures = [adds.delay(n, 0) for n in range(30)]
    with process("_background.py"), process("_background.py"):
        equal([ended(future.task_run_id).state.result() for future in futures], list(range(30)), "results")
    for future in futures:
        equal(task_run_states(future.task_run_id).count("Running"), 1, "starts")


run_checks()
