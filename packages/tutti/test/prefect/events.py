"""Events: those that users emit, those that the server makes of runs, live and looked up."""

import asyncio
import datetime
import uuid

from _checks import check, equal, eventually, post, request, run_checks, unique
from prefect import flow, get_client, task
from prefect.events import emit_event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
from prefect.states import Cancelled


def found(filter, count=None):
    def read():
        events = post("/events/filter", {"filter": filter, "limit": 50})
        if count is not None:
            equal(len(events["events"]), count, "events")
        return events

    return eventually(read)


@check
def an_emitted_event_is_found_again():
    name, resource = unique("shop.order"), unique("order")
    first = emit_event(
        name,
        resource={"prefect.resource.id": resource, "prefect.resource.name": "An order", "colour": "red"},
        related=[{"prefect.resource.id": "customer.7", "prefect.resource.role": "customer"}],
        payload={"price": 10.0, "n": 9007199254740993, "list": [None]},
    )
    emit_event(name, resource={"prefect.resource.id": resource}, follows=first)
    events = found({"event": {"name": [name]}, "order": "ASC"}, 2)["events"]
    equal(events[0]["id"], str(first.id))
    equal(events[0]["payload"], {"price": 10.0, "n": 9007199254740993, "list": [None]}, "payload")
    equal(events[0]["resource"]["colour"], "red")
    equal(events[0]["related"], [{"prefect.resource.id": "customer.7", "prefect.resource.role": "customer"}], "related")
    equal(events[1]["follows"], str(first.id), "follows")
    equal(datetime.datetime.fromisoformat(events[0]["occurred"]), first.occurred, "occurred")
    found({"event": {"prefix": [name[:-4]]}, "resource": {"id": [resource]}}, 2)
    found({"resource": {"id_prefix": [resource[:-2]], "labels": {"colour": "r*"}}}, 1)
    found({"any_resource": {"id": ["customer.7"]}, "event": {"name": [name]}}, 1)
    found({"event": {"name": [name]}, "occurred": {"since": "2000-01-01T00:00:00Z", "until": "2000-01-02T00:00:00Z"}}, 0)
    counts = post("/events/count-by/event", {"filter": {"event": {"name": [name]}}})
    equal([(one["value"], one["count"]) for one in counts], [(name, 2)], "counts")


@check
def runs_leave_a_chain_of_events():
    @task
    def one():
        return 1

    @flow(name=unique("chain"))
    def chain():
        one()

    run_id = chain(return_state=True).state_details.flow_run_id
    events = found({"resource": {"id": [f"prefect.flow-run.{run_id}"]}, "order": "ASC", "event": {"exclude_name": ["prefect.flow-run.heartbeat"]}}, 3)["events"]
    equal([event["event"] for event in events], ["prefect.flow-run.Pending", "prefect.flow-run.Running", "prefect.flow-run.Completed"])
    equal([event["follows"] for event in events[1:]], [event["id"] for event in events[:-1]], "each follows the one before")
    states = request("GET", "/flow_run_states/", params={"flow_run_id": str(run_id)}).json()
    equal([event["id"] for event in events], [state["id"] for state in states], "ids of states")
    last = events[-1]
    equal((last["resource"]["prefect.state-type"], last["resource"]["prefect.run-count"]), ("COMPLETED", "1"))
    equal((last["payload"]["intended"], last["payload"]["validated_state"]["type"]), ({"from": "RUNNING", "to": "COMPLETED"}, "COMPLETED"))
    equal([one["prefect.resource.name"] for one in last["related"] if one["prefect.resource.role"] == "flow"], [chain.name], "the flow")
    tasks = found({"event": {"prefix": ["prefect.task-run."]}, "related": {"id": [f"prefect.flow-run.{run_id}"]}, "order": "ASC"}, 3)["events"]
    equal([event["event"].split(".")[-1] for event in tasks], ["Pending", "Running", "Completed"], "events of the task run")


@check
def many_events_come_in_pages():
    name = unique("page")
    body = [
        {
            "occurred": datetime.datetime.now(datetime.timezone.utc).isoformat(),
            "event": name,
            "resource": {"prefect.resource.id": f"thing.{n}"},
            "id": str(uuid.uuid4()),
        }
        for n in range(120)
    ]
    request("POST", "/events", status=204, json=body)
    eventually(lambda: equal(post("/events/filter", {"filter": {"event": {"name": [name]}}, "limit": 50})["total"], 120, "total"))
    page = post("/events/filter", {"filter": {"event": {"name": [name]}}, "limit": 50})
    seen = [event["id"] for event in page["events"]]
    while page["next_page"] is not None:
        page = request("GET", page["next_page"][page["next_page"].index("/api/") + 4 :]).json()
        seen += [event["id"] for event in page["events"]]
    equal((len(seen), len(set(seen))), (120, 120), "events on all pages")
    # Told twice, kept once.
    request("POST", "/events", status=204, json=body[:10])
    equal(post("/events/filter", {"filter": {"event": {"name": [name]}}, "limit": 1})["total"], 120, "total")


@check
async def events_are_seen_live_after_those_that_were_there():
    name = unique("live")
    emit_event(name, resource={"prefect.resource.id": "before"})
    await asyncio.to_thread(found, {"event": {"name": [name]}}, 1)
    seen = []
    async with get_events_subscriber(filter=EventFilter(event=EventNameFilter(name=[name]))) as subscriber:
        emit_event(unique("other"), resource={"prefect.resource.id": "other"})
        emit_event(name, resource={"prefect.resource.id": "after"})

        async def read():
            async for event in subscriber:
                seen.append(event.resource.id)
                if len(seen) == 2:
                    return

        await asyncio.wait_for(read(), 20)
    equal(seen, ["before", "after"], "what was seen")


@check
async def a_run_is_watched_until_it_ends():
    @flow(name=unique("watched"))
    async def watched():
        return None

    seen = []

    async def read(subscriber):
        async for event in subscriber:
            seen.append(event.event)
            if event.resource.get("prefect.state-type") == "CANCELLED":
                return

    async with get_client() as client:
        run = await client.create_flow_run(watched)
        filter = EventFilter(resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]))
        async with get_events_subscriber(filter=filter) as subscriber:
            await client.set_flow_run_state(run.id, Cancelled())
            await asyncio.wait_for(read(subscriber), 20)
    equal(seen[-1], "prefect.flow-run.Cancelled", "the last event")


run_checks()
