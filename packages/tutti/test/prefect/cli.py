"""What the `prefect` command lists, shows and does."""

import httpx
from _checks import API, all_of, check, equal, eventually, get, post, prefect, process, read_flow_run, read_logs, request, run_checks, unique
from _served import quick
from prefect import flow, get_client, get_run_logger
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, WorkPoolCreate
from prefect.deployments import run_deployment
from prefect.variables import Variable


@check
def flows_and_runs_are_listed_and_shown():
    name = unique("cli-flow")

    @flow(name=name, flow_run_name=f"{name}-run")
    def logs():
        get_run_logger().info("a line for the command line")

    run_id = str(logs(return_state=True).state_details.flow_run_id)
    eventually(lambda: equal(any("a line for" in log.message for log in read_logs(run_id)), True))

    flows, runs, completed, shown, lines = all_of(
        ("flow", "ls", "--limit", "200"),
        ("flow-run", "ls", "--flow-name", name),
        ("flow-run", "ls", "--flow-name", name, "--state", "COMPLETED", "--state-type", "COMPLETED"),
        ("flow-run", "inspect", run_id),
        ("flow-run", "logs", run_id),
    )
    assert name in flows, flows
    assert run_id in runs and "COMPLETED" in runs.upper(), runs
    assert run_id in completed, completed
    assert run_id in shown and "Completed" in shown, shown
    assert "a line for the command line" in lines, lines

    assert "deleted" in prefect("flow-run", "delete", run_id)
    request("GET", f"/flow_runs/{run_id}", status=404)


@check
def runs_are_cancelled_and_deployments_run():
    name = unique("cli-deployment")
    quick.to_deployment(name, interval=3600).apply()
    run = run_deployment(f"quick/{name}", timeout=0)

    listed, shown, schedules, started, cancelled = all_of(
        ("deployment", "ls"),
        ("deployment", "inspect", f"quick/{name}"),
        ("deployment", "schedule", "ls", f"quick/{name}"),
        ("deployment", "run", f"quick/{name}", "--param", "n=12", "--tag", "by-hand"),
        ("flow-run", "cancel", str(run.id)),
    )
    assert name in listed, listed
    assert name in shown and "parameter_openapi_schema" in shown, shown
    assert "3600" in schedules or "1:00:00" in schedules, schedules
    assert "Created flow run" in started, started
    assert "cancel" in cancelled.lower(), cancelled
    equal(read_flow_run(run.id).state_name, "Cancelled")
    made = post("/flow_runs/filter", {"flow_runs": {"tags": {"all_": ["by-hand"]}}, "deployments": {"name": {"any_": [name]}}})
    equal([one["parameters"]["n"] for one in made], [12], "the run that was asked for")

    id = get(f"/deployments/name/quick/{name}")["schedules"][0]["id"]
    prefect("deployment", "schedule", "pause", f"quick/{name}", id)
    equal(get(f"/deployments/name/quick/{name}")["schedules"][0]["active"], False)
    prefect("deployment", "delete", f"quick/{name}")
    request("GET", f"/deployments/name/quick/{name}", status=404)


@check
def what_else_there_is_is_listed():
    name = unique("cli")
    variable = name.replace("-", "_")
    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name=name, type="process"))
        client.create_concurrency_limit(tag=name, concurrency_limit=3)
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=f"{name}-gcl", limit=5))
    Variable.set(variable, {"n": 1})
    create_markdown_artifact("# Listed", key=name)

    pools, pool, queues, limits, limit, globals_, variables, shown, artifacts, artifact = all_of(
        ("work-pool", "ls"),
        ("work-pool", "inspect", name),
        ("work-queue", "ls", "--pool", name),
        ("concurrency-limit", "ls", "--limit", "200"),
        ("concurrency-limit", "inspect", name),
        ("gcl", "ls"),
        ("variable", "ls"),
        ("variable", "get", variable),
        ("artifact", "ls"),
        ("artifact", "inspect", name),
    )
    assert name in pools and name in pool, pools + pool
    assert "default" in queues, queues
    assert name in limits and "3" in limit, limits + limit
    assert f"{name}-gcl" in globals_, globals_
    assert variable in variables and '"n"' in shown.replace("'", '"'), variables + shown
    assert name in artifacts and "# Listed" in artifact, artifacts + artifact

    all_of(
        ("work-pool", "pause", name),
        ("gcl", "disable", f"{name}-gcl"),
        ("concurrency-limit", "delete", name),
        ("variable", "unset", variable),
    )
    equal((get(f"/work_pools/{name}")["is_paused"], get(f"/v2/concurrency_limits/{name}-gcl")["active"]), (True, False))
    request("GET", f"/variables/name/{variable}", status=404)


@check
def the_client_knows_its_server():
    version, profiles, config = all_of(("version",), ("profile", "ls"), ("config", "view"))
    assert "3." in version, version
    assert "Available Profiles" in profiles, profiles
    assert "PREFECT_API_URL" in config, config


@check
def events_stream_to_the_terminal():
    name = unique("cli.event")
    with process("-m", "prefect", "events", "stream", "--format", "json", COLUMNS="5000") as child:
        prefect("events", "emit", name, "--resource-id", "cli.thing")
        eventually(lambda: equal(f'"event":"{name}"' in child.log.read_text(), True, child.log.read_text()[-1000:]), within=30)


@check
def a_request_without_a_route_is_told_so():
    equal(httpx.get(f"{API}/nothing/here").status_code, 404)


run_checks()
