"""Concurrency limits by tag and by name, and rate limits."""

import asyncio
import time

from _checks import check, equal, eventually, get, post, read_task_runs, request, run_checks, unique
from prefect import flow, get_client, task
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, GlobalConcurrencyLimitUpdate
from prefect.concurrency.asyncio import concurrency as async_concurrency
from prefect.concurrency.sync import concurrency, rate_limit
from prefect.exceptions import ObjectNotFound
from prefect.task_runners import ThreadPoolTaskRunner


def make_limit(name, limit, **options):
    with get_client(sync_client=True) as client:
        client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=limit, **options))


@check
def a_tag_limit_lets_only_so_many_tasks_run_at_once():
    tag = unique("tag")
    with get_client(sync_client=True) as client:
        client.create_concurrency_limit(tag=tag, concurrency_limit=1)
    spans = []

    @task(tags=[tag])
    def alone(n):
        began = time.monotonic()
        time.sleep(0.1)
        spans.append((began, time.monotonic()))

    @flow(name=unique("tag-limit"), task_runner=ThreadPoolTaskRunner(max_workers=3))
    def limited():
        alone.map(range(2)).wait()

    state = limited(return_state=True)
    spans.sort()
    assert all(one[1] <= two[0] for one, two in zip(spans, spans[1:])), f"two ran at once: {spans}"
    read_task_runs(state.state_details.flow_run_id, 2)
    with get_client(sync_client=True) as client:
        limit = client.read_concurrency_limit_by_tag(tag)
        equal((limit.concurrency_limit, limit.active_slots), (1, []), "the limit, when all have ended")
        client.delete_concurrency_limit_by_tag(tag)
    request("GET", f"/concurrency_limits/tag/{tag}", status=404)


@check
def a_tag_limit_of_zero_stops_its_tasks():
    tag = unique("tag")
    with get_client(sync_client=True) as client:
        client.create_concurrency_limit(tag=tag, concurrency_limit=0)
    body = {"names": [f"tag:{tag}"], "slots": 1, "mode": "concurrency", "lease_duration": 60}
    request("POST", "/v2/concurrency_limits/increment-with-lease", json=body, status=422)


@check
def a_named_limit_is_held_and_given_back():
    name = unique("limit")
    make_limit(name, 2)
    with concurrency(name, occupy=2, timeout_seconds=5):
        equal(get(f"/v2/concurrency_limits/{name}")["active_slots"], 2, "slots while they are held")
        full = request("POST", "/v2/concurrency_limits/increment", status=423, json={"names": [name], "slots": 1, "mode": "concurrency"})
        assert float(full.headers["retry-after"]) > 0, full.headers
    eventually(lambda: equal(get(f"/v2/concurrency_limits/{name}")["active_slots"], 0, "slots when they are given back"))
    request("POST", "/v2/concurrency_limits/increment", status=422, json={"names": [name], "slots": 3, "mode": "concurrency"})


@check
def waiting_for_a_limit_ends_in_time():
    name = unique("limit")
    make_limit(name, 1)
    with concurrency(name, timeout_seconds=5):
        began = time.monotonic()
        try:
            with concurrency(name, timeout_seconds=0.5):
                raise AssertionError("two hold a limit of one")
        except TimeoutError:
            assert time.monotonic() - began < 10


@check
async def async_tasks_share_a_limit():
    name = unique("limit")
    async with get_client() as client:
        await client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=2))
    running, most = 0, 0

    @task
    async def takes_turns():
        nonlocal running, most
        async with async_concurrency(name, occupy=1):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.05)
            running -= 1

    @flow(name=unique("shared"))
    async def shares():
        await asyncio.gather(*(takes_turns() for _ in range(3)))

    await shares()
    assert 1 <= most <= 2, f"{most} held a limit of two"


@check
def limits_are_made_changed_listed_and_deleted():
    name = unique("limit")
    make_limit(name, 3, slot_decay_per_second=1.5)
    with get_client(sync_client=True) as client:
        limit = client.read_global_concurrency_limit_by_name(name)
        equal((limit.limit, limit.active, limit.slot_decay_per_second, limit.active_slots), (3, True, 1.5, 0))
        client.update_global_concurrency_limit(name, GlobalConcurrencyLimitUpdate(limit=7, active=False))
        limit = client.read_global_concurrency_limit_by_name(name)
        equal((limit.limit, limit.active, limit.slot_decay_per_second), (7, False, 1.5))
        assert name in [one.name for one in client.read_global_concurrency_limits(limit=200)]
        request("POST", "/v2/concurrency_limits/", status=409, json={"name": name, "limit": 1})
        client.delete_global_concurrency_limit_by_name(name)
        try:
            client.read_global_concurrency_limit_by_name(name)
            raise AssertionError("still there")
        except ObjectNotFound:
            pass


@check
def an_inactive_or_missing_limit_stops_nobody():
    name = unique("limit")
    make_limit(name, 1, active=False)
    with concurrency(name, timeout_seconds=3), concurrency(name, timeout_seconds=3):
        pass
    with concurrency(unique("missing"), timeout_seconds=3):
        pass
    equal(post("/v2/concurrency_limits/increment", {"names": [unique("missing")], "slots": 1, "mode": "concurrency"}), [], "no limit of that name")


@check
def a_rate_limit_slows_down():
    name = unique("rate")
    make_limit(name, 2, slot_decay_per_second=2.0)
    began = time.monotonic()
    for _ in range(3):
        rate_limit(name, timeout_seconds=20)
    seconds = time.monotonic() - began
    assert 0.2 < seconds < 15, f"three calls took {seconds} s"


@check
def a_lease_that_is_not_renewed_is_known_to_be_gone():
    name = unique("limit")
    make_limit(name, 1)
    lease = post("/v2/concurrency_limits/increment-with-lease", {"names": [name], "slots": 1, "mode": "concurrency", "lease_duration": 60})
    equal([limit["name"] for limit in lease["limits"]], [name], "limits held")
    request("POST", f"/v2/concurrency_limits/leases/{lease['lease_id']}/renew", status=204, json={"lease_duration": 60})
    request("POST", "/v2/concurrency_limits/decrement-with-lease", status=204, json={"lease_id": lease["lease_id"]})
    request("POST", f"/v2/concurrency_limits/leases/{lease['lease_id']}/renew", status=410, json={"lease_duration": 60})
    equal(get(f"/v2/concurrency_limits/{name}")["active_slots"], 0, "slots")


run_checks()
