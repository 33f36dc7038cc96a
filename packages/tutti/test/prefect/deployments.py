"""Deployments and their schedules, as the client makes, changes and finds them; no process runs them here."""

import datetime
import json

from _checks import check, equal, eventually, get, post, read_flow_runs, request, run_checks, unique
from _served import quick
from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterDeploymentId
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.schedules import Cron, Interval, RRule
from prefect.states import Completed, Pending, Running

NOW = datetime.datetime.now(datetime.timezone.utc)


def deploy(name, of=quick, **options):
    """Makes a deployment as `serve` does, without a process that runs it."""
    return of.to_deployment(name, **options).apply()


def scheduled(deployment_id):
    runs = read_flow_runs(FlowRunFilter(deployment_id=FlowRunFilterDeploymentId(any_=[deployment_id])))
    return sorted((run for run in runs if run.state_name == "Scheduled"), key=lambda run: run.expected_start_time)


@check
def a_deployment_is_made_and_read_back():
    name = unique("made")
    id = deploy(
        name,
        parameters={"n": 9007199254740993, "word": "x"},
        tags=["b", "a"],
        description="Says *things*.",
        version="1.2",
        concurrency_limit=ConcurrencyLimitConfig(limit=2, collision_strategy="CANCEL_NEW"),
    )
    with get_client(sync_client=True) as client:
        found = client.read_deployment(id)
        by_name = client.read_deployment_by_name(f"quick/{name}")
    equal(by_name.id, found.id)
    equal((found.name, found.tags, found.description, found.version), (name, ["b", "a"], "Says *things*.", "1.2"))
    equal(json.dumps(found.parameters, sort_keys=True), '{"n": 9007199254740993, "word": "x"}', "parameters")
    equal((found.global_concurrency_limit.limit, found.concurrency_options.collision_strategy.value), (2, "CANCEL_NEW"))
    equal((found.paused, found.enforce_parameter_schema, found.entrypoint is not None), (False, True, True))
    equal(sorted(found.parameter_openapi_schema["properties"]), ["n", "word"], "schema of its parameters")
    equal(found.status.value, "NOT_READY", "nobody asks for its runs")


@check
def making_it_again_changes_it():
    name = unique("again")
    first = deploy(name, tags=["one"], schedules=[Interval(60), Cron("0 3 * * *")])
    second = deploy(name, tags=["two"], schedules=[Interval(120)])
    equal(first, second, "ids")
    with get_client(sync_client=True) as client:
        found = client.read_deployment(second)
    equal((found.tags, [schedule.schedule.interval.total_seconds() for schedule in found.schedules]), (["two"], [120.0]))


@check
def parameters_are_checked_against_the_schema():
    name = unique("typed")
    id = deploy(name)
    try:
        run_deployment(f"quick/{name}", parameters={"n": "many"}, timeout=0)
        raise AssertionError("accepted a text for a number")
    except PrefectHTTPStatusError as error:
        equal(error.response.status_code, 409)
        assert "Error creating flow run" in error.response.json()["detail"], error.response.text
    run = run_deployment(f"quick/{name}", parameters={"n": 3}, timeout=0)
    equal((run.parameters["n"], run.state_name, run.deployment_id), (3, "Scheduled", id))


@check
def schedules_of_every_kind_make_their_runs():
    name = unique("schedules")
    id = deploy(
        name,
        schedules=[
            Interval(datetime.timedelta(hours=1), anchor_date=NOW, parameters={"word": "interval"}),
            Cron("30 2 * * *", timezone="Europe/Berlin", parameters={"word": "cron"}),
            RRule("FREQ=WEEKLY;BYDAY=MO,TH;BYHOUR=9;BYMINUTE=0;BYSECOND=0", timezone="America/New_York", parameters={"word": "rrule"}),
        ],
    )
    kinds = sorted(type(schedule.schedule).__name__ for schedule in get_deployment(id).schedules)
    equal(kinds, sorted([CronSchedule.__name__, IntervalSchedule.__name__, RRuleSchedule.__name__]), "kinds")

    def three_kinds():
        runs = scheduled(id)
        equal({run.parameters.get("word") for run in runs}, {"interval", "cron", "rrule"}, "kinds of runs")
        return runs

    runs = eventually(three_kinds, within=30)
    assert all(run.auto_scheduled for run in runs)
    of = {word: [run.expected_start_time for run in runs if run.parameters["word"] == word] for word in ("interval", "cron", "rrule")}
    equal({(two - one).total_seconds() for one, two in zip(of["interval"], of["interval"][1:])}, {3600.0}, "hours apart")
    # Berlin is one or two hours ahead.
    assert {(time.hour, time.minute) for time in of["cron"]} <= {(0, 30), (1, 30)}, of["cron"]
    # New York is four or five hours behind.
    assert {time.hour for time in of["rrule"]} <= {13, 14} and {time.weekday() for time in of["rrule"]} <= {0, 3}, of["rrule"]


def get_deployment(id):
    with get_client(sync_client=True) as client:
        return client.read_deployment(id)


@check
def a_paused_deployment_has_no_runs_to_come():
    name = unique("paused")
    id = deploy(name, schedules=[Interval(3600)])
    eventually(lambda: equal(len(scheduled(id)) > 0, True, "has runs"), within=30)
    with get_client(sync_client=True) as client:
        client.pause_deployment(id)
        equal(client.read_deployment(id).paused, True)
        equal(scheduled(id), [], "runs of a paused deployment")
        client.resume_deployment(id)
        equal(client.read_deployment(id).paused, False)
    eventually(lambda: equal(len(scheduled(id)) > 0, True, "has runs again"), within=30)


@check
def single_schedules_are_added_changed_and_removed():
    name = unique("single")
    id = deploy(name)
    with get_client(sync_client=True) as client:
        (made,) = client.create_deployment_schedules(id, [(CronSchedule(cron="0 0 1 1 *"), True)])
        equal([schedule.id for schedule in client.read_deployment_schedules(id)], [made.id])
        client.update_deployment_schedule(id, made.id, active=False)
        (changed,) = client.read_deployment_schedules(id)
        equal((changed.active, changed.schedule.cron), (False, "0 0 1 1 *"))
        client.update_deployment_schedule(id, made.id, schedule=IntervalSchedule(interval=datetime.timedelta(days=1)))
        (changed,) = client.read_deployment_schedules(id)
        equal(changed.schedule.interval, datetime.timedelta(days=1))
        client.delete_deployment_schedule(id, made.id)
        equal(client.read_deployment_schedules(id), [])


@check
def deployments_are_found_and_deleted():
    tag = unique("tag")
    names = sorted(unique("found") for _ in range(3))
    ids = [deploy(name, tags=[tag]) for name in names]
    found = post("/deployments/filter", {"deployments": {"tags": {"all_": [tag]}}, "sort": "NAME_DESC"})
    equal([one["name"] for one in found], names[::-1], "by tag")
    equal(post("/deployments/count", {"deployments": {"name": {"like_": names[0][:12]}, "tags": {"all_": [tag]}}}), 1, "count by name")
    page = post("/deployments/paginate", {"deployments": {"tags": {"any_": [tag]}}, "limit": 2, "page": 2})
    equal((page["count"], page["pages"], len(page["results"])), (3, 2, 1), "second page")
    with get_client(sync_client=True) as client:
        client.delete_deployment(ids[0])
        try:
            client.read_deployment(ids[0])
            raise AssertionError("still there")
        except ObjectNotFound:
            pass
    request("GET", f"/deployments/name/quick/{names[0]}", status=404)


@check
def runs_are_made_in_bulk_and_with_their_own_settings():
    name = unique("bulk")
    id = deploy(name, tags=["of-deployment"])
    answer = post(f"/deployments/{id}/create_flow_run/bulk", [{"parameters": {"n": n}, "name": f"bulk-{n}"} for n in range(3)])
    equal([one["status"] for one in answer["results"]], ["CREATED"] * 3, "made")
    equal(sorted(run.name for run in scheduled(id)), ["bulk-0", "bulk-1", "bulk-2"], "names")
    in_an_hour = NOW + datetime.timedelta(hours=1)
    run = run_deployment(f"quick/{name}", scheduled_time=in_an_hour, tags=["own"], timeout=0)
    equal((run.expected_start_time, run.next_scheduled_start_time, sorted(run.tags)), (in_an_hour, in_an_hour, ["of-deployment", "own"]))
    due = post("/deployments/get_scheduled_flow_runs", {"deployment_ids": [str(id)], "scheduled_before": NOW.isoformat()})
    assert len(due) <= 3 and all(one["name"].startswith("bulk-") for one in due), due


@check
def a_full_deployment_lets_runs_wait_or_refuses_them():
    for strategy, wanted in (("ENQUEUE", "AwaitingConcurrencySlot"), ("CANCEL_NEW", "Cancelled")):
        name = unique("full")
        deploy(name, concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=strategy))
        first, second, third = (run_deployment(f"quick/{name}", timeout=0) for _ in range(3))
        with get_client(sync_client=True) as client:
            equal(client.set_flow_run_state(first.id, Pending()).status.value, "ACCEPT")
            answer = client.set_flow_run_state(second.id, Pending())
            equal((answer.status.value, answer.state.name), ("REJECT", wanted), strategy)
            client.set_flow_run_state(first.id, Running())
            client.set_flow_run_state(first.id, Completed())
            equal(client.set_flow_run_state(third.id, Pending()).status.value, "ACCEPT", "after the first has ended")


run_checks()
