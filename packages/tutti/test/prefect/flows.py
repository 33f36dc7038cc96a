"""Flows: success, failure, what they return, names, tags, parameters, time limits."""

import datetime
import json
import time
from pathlib import Path

import prefect.states
from _checks import check, equal, flow_run_states, get, post, read_flow_run, read_flow_runs, run_checks, unique
from prefect import flow, get_client, tags
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.runtime import flow_run


@check
def a_flow_that_returns_is_completed():
    seen = {}

    @flow(name=unique("returns"))
    def returns(x: int, y: str = "two"):
        seen["id"] = flow_run.id
        return x * 2

    equal(returns(21), 42, "result")

    run = read_flow_run(seen["id"])
    equal((run.state_type.value, run.state_name, run.run_count), ("COMPLETED", "Completed", 1))
    equal(run.parameters, {"x": 21, "y": "two"}, "parameters")
    equal(flow_run_states(run.id), ["Pending", "Running", "Completed"], "states")
    assert run.start_time is not None and run.end_time is not None and run.start_time <= run.end_time
    assert run.total_run_time == run.end_time - run.start_time, f"{run.total_run_time} is not {run.end_time - run.start_time}"
    assert run.expected_start_time <= run.start_time
    equal(run.next_scheduled_start_time, None, "next scheduled start")
    assert run.name.count("-") >= 1, f"a made-up name is two words: {run.name}"


@check
def a_flow_that_raises_is_failed_with_its_message():
    @flow(name=unique("raises"))
    def raises():
        raise ValueError("the seventh cause")

    state = raises(return_state=True)

    run = read_flow_run(state.state_details.flow_run_id)
    equal((run.state_type.value, run.state_name), ("FAILED", "Failed"))
    assert "ValueError: the seventh cause" in run.state.message, run.state.message
    equal(run.state.id, state.id, "the state the client was told is the one that is stored")


@check
def a_flow_may_end_in_a_state_of_its_own():
    @flow(name=unique("own-state"))
    def skipped():
        return prefect.states.Completed(name="Skipped", message="nothing new")

    @flow(name=unique("own-state"))
    def returns_failed():
        return prefect.states.Failed(message="said so itself")

    @flow(name=unique("own-state"))
    def cancels_itself():
        return prefect.states.Cancelled(message="no more")

    state = skipped(return_state=True)
    run = read_flow_run(state.state_details.flow_run_id)
    equal((run.state_type.value, run.state_name, run.state.message), ("COMPLETED", "Skipped", "nothing new"))

    run = read_flow_run(returns_failed(return_state=True).state_details.flow_run_id)
    equal((run.state_type.value, run.state_name, run.state.message), ("FAILED", "Failed", "said so itself"))

    run = read_flow_run(cancels_itself(return_state=True).state_details.flow_run_id)
    equal((run.state_type.value, run.state_name), ("CANCELLED", "Cancelled"))


@check
async def an_async_flow_is_completed():
    @flow(name=unique("async"))
    async def waits(n: int):
        import asyncio

        await asyncio.sleep(0.05)
        return n + 1

    state = await waits(1, return_state=True)
    equal(await state.result(), 2, "result")
    async with get_client() as client:
        run = await client.read_flow_run(state.state_details.flow_run_id)
    equal(run.state_name, "Completed")
    assert run.total_run_time >= datetime.timedelta(seconds=0.05)


@check
def names_come_from_templates_and_tags_are_kept_and_found():
    tag = unique("tag")

    @flow(name=unique("named"), flow_run_name="greets-{who}-{n}", description="Greets somebody.", version="7.1")
    def named(who: str, n: int):
        return None

    with tags(tag, "second"):
        state = named("Anna", 3, return_state=True)

    run = read_flow_run(state.state_details.flow_run_id)
    equal(run.name, "greets-Anna-3", "name")
    equal(sorted(run.tags), sorted([tag, "second"]), "tags")
    equal(run.flow_version, "7.1", "version")
    found = read_flow_runs(FlowRunFilter(tags=FlowRunFilterTags(all_=[tag])))
    equal([one.id for one in found], [run.id], "runs found by tag")
    equal(get(f"/flows/{run.flow_id}")["name"], named.name, "flow")


@check
def the_same_flow_is_stored_once():
    name = unique("once")

    @flow(name=name)
    def once():
        return None

    ids = {read_flow_run(once(return_state=True).state_details.flow_run_id).flow_id for _ in range(3)}

    equal(len(ids), 1, "flows of one name")
    equal(len(read_flow_runs(flow_filter=None, flow_run_filter=None, limit=1)), 1)
    equal(post("/flow_runs/count", {"flows": {"name": {"any_": [name]}}}), 3, "runs of the flow")


@check
def parameters_keep_their_literal_form():
    parameters = {
        "float": 1.0,
        "exponent": 1e22,
        "tiny": 5e-324,
        "big": 123456789012345678901234567890,
        "above_2_53": 9007199254740993,
        "negative_zero": -0.0,
        "none": None,
        "flag": True,
        "text": "Grüße 🚀 \u2028 \\ \" \t",
        "nested": {"list": [1, 1.0, [2.50, {"deep": 10.0}]], "empty": {}, "none": []},
        "__proto__": {"x": 1},
        "constructor": "c",
    }

    @flow(name=unique("literal"))
    def literal(values: dict):
        return None

    run_id = literal(values=parameters, return_state=True).state_details.flow_run_id

    run = read_flow_run(run_id)
    equal(json.dumps(run.parameters["values"], sort_keys=True), json.dumps(parameters, sort_keys=True), "parameters, as JSON text")


@check
def dates_models_and_paths_become_json():
    import pydantic

    class Place(pydantic.BaseModel):
        name: str
        since: datetime.datetime
        weight: float

    @flow(name=unique("rich"))
    def rich(place: Place, day: datetime.date, path: Path, at: datetime.datetime):
        assert isinstance(place, Place) and isinstance(day, datetime.date) and isinstance(path, Path)
        return None

    at = datetime.datetime(2026, 3, 29, 1, 59, 59, 123456, tzinfo=datetime.timezone.utc)
    place = Place(name="Ulm", since=at, weight=2.0)

    run = read_flow_run(rich(place, datetime.date(2026, 3, 29), Path("/a/b"), at, return_state=True).state_details.flow_run_id)

    equal(run.parameters["day"], "2026-03-29", "date")
    equal(run.parameters["path"], "/a/b", "path")
    equal(datetime.datetime.fromisoformat(run.parameters["at"]), at, "time")
    equal(json.dumps(run.parameters["place"]["weight"]), "2.0", "a float in a model")


@check
def parameters_that_do_not_fit_fail_the_run():
    @flow(name=unique("typed"))
    def typed(n: int):
        return n

    state = typed("seven", return_state=True)
    equal(state.type.value, "FAILED")
    equal(read_flow_run(state.state_details.flow_run_id).state_type.value, "FAILED")


@check
def a_flow_that_takes_too_long_is_timed_out():
    @flow(name=unique("slow"), timeout_seconds=0.5)
    def slow():
        for _ in range(50):
            time.sleep(0.1)

    began = time.monotonic()
    run = read_flow_run(slow(return_state=True).state_details.flow_run_id)
    assert time.monotonic() - began < 4
    equal((run.state_type.value, run.state_name), ("FAILED", "TimedOut"))


@check
def times_keep_their_microseconds():
    @flow(name=unique("micro"))
    def micro():
        return None

    run_id = micro(return_state=True).state_details.flow_run_id
    states = get("/flow_run_states/", flow_run_id=str(run_id))
    stamps = [state["timestamp"] for state in states]
    equal(sorted(stamps), stamps, "states in the order of their times")
    equal(len(set(stamps)), len(stamps), "no two states at one time")
    assert any(len(stamp.split(".")[-1].rstrip("Z")) == 6 for stamp in stamps if "." in stamp), stamps
    assert all(stamp.endswith("Z") for stamp in stamps), stamps


run_checks()
