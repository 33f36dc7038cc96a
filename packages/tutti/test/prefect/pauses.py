"""Pausing a flow in its process: resumed, timed out, with an answer."""

import threading

from _checks import check, equal, eventually, flow_run_states, get, read_flow_run, request, run_checks, unique
from prefect import flow, get_client, pause_flow_run, task
from prefect.input import RunInput
from prefect.runtime import flow_run


def when_paused(seen, action):
    """Does something in another thread, as soon as the run says on the server that it is paused."""
    problems = []

    def waits():
        try:
            eventually(lambda: seen["id"] if "id" in seen else (_ for _ in ()).throw(AssertionError("not started")))
            eventually(lambda: equal(read_flow_run(seen["id"]).state_name, "Paused"))
            action(seen["id"])
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=waits)
    thread.start()

    def done():
        thread.join(20)
        assert not thread.is_alive()
        if problems:
            raise problems[0]

    return done


@check
def a_paused_flow_goes_on_when_it_is_resumed():
    seen = {}

    @task
    def one():
        return 1

    @flow(name=unique("paused"))
    def pauses():
        seen["id"] = flow_run.id
        one()
        pause_flow_run(timeout=30, poll_interval=0.2)
        return one()

    def resume(run_id):
        with get_client(sync_client=True) as client:
            seen["answer"] = client.resume_flow_run(run_id)

    done = when_paused(seen, resume)
    state = pauses(return_state=True)
    done()
    equal((state.result(), seen["answer"].status.value), (1, "ACCEPT"))
    run = read_flow_run(seen["id"])
    equal(flow_run_states(run.id), ["Pending", "Running", "Paused", "Running", "Completed"], "states")
    equal(run.run_count, 2, "run count")


@check
def a_pause_that_nobody_ends_fails_the_flow():
    @flow(name=unique("pause-timeout"))
    def pauses():
        pause_flow_run(timeout=1, poll_interval=0.3)

    state = pauses(return_state=True)
    run = read_flow_run(state.state_details.flow_run_id)
    equal(run.state_type.value, "FAILED")
    assert "Paused" in flow_run_states(run.id), flow_run_states(run.id)


@check
def a_pause_waits_for_an_answer_of_the_right_form():
    class Person(RunInput):
        name: str
        age: int = 7

    seen = {}

    @flow(name=unique("pause-input"))
    def asks():
        seen["id"] = flow_run.id
        person = pause_flow_run(wait_for_input=Person.with_initial_data(description="Who is it?", age=40), timeout=30, poll_interval=0.2)
        return [person.name, person.age]

    def answer(run_id):
        keys = read_flow_run(run_id).state.state_details.run_input_keyset
        equal(sorted(keys), ["description", "response", "schema"], "keys")
        equal(request("GET", f"/flow_runs/{run_id}/input/{keys['description']}").text, '"Who is it?"', "description")
        schema = get(f"/flow_runs/{run_id}/input/{keys['schema']}")
        equal((schema["required"], schema["properties"]["age"]["default"]), (["name"], 40), "schema")
        with get_client(sync_client=True) as client:
            wrong = client.resume_flow_run(run_id, run_input={"age": "old"})
            equal(wrong.status.value, "REJECT", "an answer of another form")
            equal(read_flow_run(run_id).state_name, "Paused")
            right = client.resume_flow_run(run_id, run_input={"name": "Ada"})
            equal(right.status.value, "ACCEPT", "a right answer")

    done = when_paused(seen, answer)
    state = asks(return_state=True)
    done()
    equal(state.result(), ["Ada", 40], "result")


@check
def text_and_numbers_may_be_asked_for():
    seen = {}

    @flow(name=unique("pause-text"))
    def asks():
        seen["id"] = flow_run.id
        return pause_flow_run(wait_for_input=int, timeout=30, poll_interval=0.2)

    def answer(run_id):
        with get_client(sync_client=True) as client:
            client.resume_flow_run(run_id, run_input={"value": 12})

    done = when_paused(seen, answer)
    state = asks(return_state=True)
    done()
    equal(state.result(), 12, "result")


@check
def what_is_not_paused_cannot_be_resumed():
    @flow(name=unique("not-paused"))
    def ends():
        return None

    run_id = ends(return_state=True).state_details.flow_run_id
    with get_client(sync_client=True) as client:
        equal(client.resume_flow_run(run_id).status.value, "ABORT")
    equal(read_flow_run(run_id).state_name, "Completed")


@check
async def running_flows_send_each_other_inputs():
    from prefect.input import receive_input, send_input

    @flow(name=unique("inputs"))
    async def talks():
        await send_input("first", flow_run_id=flow_run.id)
        await send_input({"second": 2.0}, flow_run_id=flow_run.id)
        found = []
        async for text in receive_input(str, timeout=5, poll_interval=0.1, flow_run_id=flow_run.id):
            found.append(text)
            break
        async for value in receive_input(dict, timeout=5, poll_interval=0.1, flow_run_id=flow_run.id):
            found.append(value)
            break
        return found

    equal(await talks(), ["first", {"second": 2.0}], "what came")


run_checks()
