"""Work pools, queues and a process worker that runs what is deployed to them."""

import signal

from _checks import HERE, check, equal, eventually, flow_run_states, get, post, prefect, process, read_flow_run, read_logs, request, run_checks, unique
from prefect import flow, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.deployments import run_deployment
from prefect.states import Cancelling


def deploy(entrypoint, name, pool, **options):
    source = flow.from_source(source=str(HERE), entrypoint=entrypoint)
    return source.deploy(name=name, work_pool_name=pool, print_next_steps=False, **options)


def ended(run_id, within=40):
    def read():
        run = read_flow_run(run_id)
        assert run.state.is_final(), f"{run.state_name}: {flow_run_states(run_id)}"
        return run

    return eventually(read, within=within)


def worker(pool, *options):
    return process("-m", "prefect", "worker", "start", "--pool", pool, "--name", f"worker-of-{pool}", "--type", "process", *options)


@check
def a_process_worker_runs_what_is_deployed_to_its_pool():
    pool, name = unique("pool"), unique("worked")
    output = prefect("work-pool", "create", pool, "--type", "process")
    assert pool in output, output
    equal(get(f"/work_pools/{pool}")["status"], "NOT_READY", "status without a worker")
    id = deploy("_served.py:quick", name, pool, parameters={"word": "deployed"})
    equal(get(f"/deployments/{id}")["work_pool_name"], pool)

    with worker(pool) as child:
        eventually(lambda: equal(get(f"/work_pools/{pool}")["status"], "READY", "status with a worker"), within=30)
        workers = post(f"/work_pools/{pool}/workers/filter")
        equal([(one["name"], one["status"]) for one in workers], [(f"worker-of-{pool}", "ONLINE")], "workers")

        run = ended(run_deployment(f"quick/{name}", parameters={"n": 4}, job_variables={"env": {"OWN": "yes"}}, timeout=0).id)
        equal((run.state_name, run.work_pool_name, run.work_queue_name), ("Completed", pool, "default"))
        assert run.infrastructure_pid is not None, "the process is known"
        names = [state for state in flow_run_states(run.id) if state not in ("Late", "InfrastructurePending")]
        equal(names, ["Scheduled", "Pending", "Submitting", "Running", "Completed"], "states")
        equal(run.job_variables, {"env": {"OWN": "yes"}}, "job variables")
        eventually(lambda: equal(any("quick 4 deployed" in log.message for log in read_logs(run.id)), True, "its log"))

        deploy("_served.py:slow", name, pool)
        slow = run_deployment(f"slow/{name}", timeout=0)
        eventually(lambda: equal(read_flow_run(slow.id).state_name, "Running"), within=30)
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(slow.id, Cancelling())
        equal(ended(slow.id).state_name, "Cancelled", "a run cancelled from elsewhere")
        child.send_signal(signal.SIGINT)
        child.wait(20)


@check
def queues_are_served_by_priority_and_may_be_paused():
    pool, name = unique("pool"), unique("queued")
    with get_client(sync_client=True) as client:
        made = client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        equal((made.status.value, made.default_queue_id is not None), ("NOT_READY", True))
        high = client.create_work_queue(name="high", work_pool_name=pool, priority=1)
        low = client.create_work_queue(name="low", work_pool_name=pool)
        queues = client.read_work_queues(work_pool_name=pool)
    equal([(queue.name, queue.priority) for queue in queues], [("high", 1), ("default", 2), ("low", 3)], "queues")
    runs = {}
    for queue in ("low", "high"):
        deploy("_served.py:quick", f"{name}-{queue}", pool, work_queue_name=queue)
        runs[queue] = str(run_deployment(f"quick/{name}-{queue}", timeout=0).id)

    def due(**body):
        return [one["flow_run"]["id"] for one in post(f"/work_pools/{pool}/get_scheduled_flow_runs", body)]

    equal(due(), [runs["high"], runs["low"]], "by priority")
    equal(due(limit=1), [runs["high"]], "one of them")
    equal(due(work_queue_names=["low"]), [runs["low"]], "of one queue")
    with get_client(sync_client=True) as client:
        client.update_work_queue(id=high.id, is_paused=True)
        equal(due(), [runs["low"]], "while the other queue is paused")
        client.update_work_queue(id=low.id, concurrency_limit=0)
    equal(due(), [], "while the last queue may run none")
    request("PATCH", f"/work_pools/{pool}", status=204, json={"is_paused": True})
    equal(get(f"/work_pools/{pool}")["status"], "PAUSED")
    request("DELETE", f"/work_pools/{pool}", status=204)
    request("GET", f"/work_pools/{pool}", status=404)
    equal(read_flow_run(runs["low"]).work_queue_id, None, "the run stays, without a queue")


@check
def names_and_templates_of_pools_have_their_rules():
    request("POST", "/work_pools/", status=403, json={"name": "prefect-own", "type": "process"})
    pool = unique("pool")
    request("POST", "/work_pools/", status=201, json={"name": pool, "type": "process"})
    request("POST", "/work_pools/", status=409, json={"name": pool, "type": "process"})
    bad = {"job_configuration": {"command": "{{ missing }}"}, "variables": {"type": "object", "properties": {}}}
    request("POST", "/work_pools/", status=422, json={"name": unique("pool"), "type": "process", "base_job_template": bad})


run_checks()
