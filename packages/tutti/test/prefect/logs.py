"""Logs: from flows, tasks and prints, read back by level, run, text and time."""

import csv
import io
import logging

from _checks import check, equal, eventually, post, read_logs, read_task_runs, request, run_checks, unique
from prefect import flow, get_run_logger, task
from prefect.client.schemas.filters import LogFilterLevel, LogFilterTaskRunId, LogFilterTextSearch
from prefect.client.schemas.sorting import LogSort


def with_messages(flow_run_id, messages, **filters):
    """The logs of a run, as soon as all these messages are among them."""

    def read():
        logs = read_logs(flow_run_id, **filters)
        found = {log.message for log in logs}
        missing = [message for message in messages if message not in found]
        assert missing == [], f"missing {missing} in {sorted(found)}"
        return logs

    return eventually(read)


@check
def what_flows_and_tasks_log_is_read_back():
    @task
    def logs_too():
        get_run_logger().warning("from the task")

    @flow(name=unique("logs"))
    def logs_much():
        logger = get_run_logger()
        logger.debug("a detail")
        logger.info("from the flow: %s", "Grüße 🚀")
        logger.error("two\nlines")
        logs_too()

    state = logs_much(return_state=True)
    run_id = state.state_details.flow_run_id
    logs = with_messages(run_id, ["from the flow: Grüße 🚀", "two\nlines", "from the task", "Finished in state Completed()"])
    own = [log for log in logs if log.name == "prefect.flow_runs" and not log.message.startswith(("Beginning", "View", "Finished"))]
    equal([log.message for log in own][:2], ["from the flow: Grüße 🚀", "two\nlines"], "order")
    equal([log.timestamp for log in logs], sorted(log.timestamp for log in logs), "times in order")
    equal({log.flow_run_id for log in logs}, {run_id}, "run of each")

    (run,) = read_task_runs(run_id, 1)
    of_task = with_messages(run_id, ["from the task"], task_run_id=LogFilterTaskRunId(any_=[run.id]))
    assert {log.task_run_id for log in of_task} == {run.id} and {log.name for log in of_task} == {"prefect.task_runs"}
    without_task = post("/logs/filter", {"logs": {"flow_run_id": {"any_": [str(run_id)]}, "task_run_id": {"is_null_": True}}})
    assert len(without_task) > 0 and {log["task_run_id"] for log in without_task} == {None}

    high = read_logs(run_id, level=LogFilterLevel(ge_=logging.WARNING))
    equal(sorted(log.message for log in high), ["from the task", "two\nlines"], "warnings and errors")
    low = read_logs(run_id, level=LogFilterLevel(le_=logging.INFO))
    assert len(low) > 0 and all(log.level <= logging.INFO for log in low)
    newest_first = read_logs(run_id, sort=LogSort.TIMESTAMP_DESC)
    equal([log.id for log in newest_first], [log.id for log in reversed(logs)], "newest first")


@check
def prints_become_logs():
    @task
    def says():
        print("said in the task")

    @flow(name=unique("prints"), log_prints=True)
    def prints():
        print("said in the flow", 1, sep=" / ")
        says()

    run_id = prints(return_state=True).state_details.flow_run_id
    logs = with_messages(run_id, ["said in the flow / 1", "said in the task"])
    equal({log.level for log in logs if log.message.startswith("said")}, {logging.INFO}, "level")


@check
def a_failed_flow_leaves_its_traceback_in_the_log():
    @flow(name=unique("traceback"))
    def breaks():
        raise LookupError("nowhere")

    run_id = breaks(return_state=True).state_details.flow_run_id

    def read():
        errors = read_logs(run_id, level=LogFilterLevel(ge_=logging.ERROR))
        assert any("Traceback" in log.message and "LookupError: nowhere" in log.message for log in errors), errors

    eventually(read)


# Prefect's own server cannot do this on an SQLite older than 3.44.
@check
def logs_are_found_by_their_text():
    @flow(name=unique("text"))
    def says():
        logger = get_run_logger()
        logger.info("the quick brown fox")
        logger.info("the lazy dog")
        logger.warning("a Fox again")

    run_id = says(return_state=True).state_details.flow_run_id
    with_messages(run_id, ["the quick brown fox", "the lazy dog", "a Fox again"])

    def found(query):
        return [log.message for log in read_logs(run_id, text=LogFilterTextSearch(query=query))]

    equal(found("fox"), ["the quick brown fox", "a Fox again"], "fox")
    equal(found("fox -again"), ["the quick brown fox"], "fox -again")
    equal(found('"lazy dog"'), ["the lazy dog"], '"lazy dog"')


@check
def many_logs_come_in_pages_and_as_a_file():
    count = 450

    @flow(name=unique("many"))
    def many():
        logger = get_run_logger()
        for n in range(count):
            logger.info(f"line {n:04}")

    run_id = many(return_state=True).state_details.flow_run_id

    def read():
        logs = []
        while True:
            page = post("/logs/filter", {"logs": {"flow_run_id": {"any_": [str(run_id)]}}, "offset": len(logs), "limit": 200, "sort": "TIMESTAMP_ASC"})
            logs += page
            if len(page) < 200:
                break
        lines = [log["message"] for log in logs if log["message"].startswith("line ")]
        equal(lines, [f"line {n:04}" for n in range(count)], "lines")
        assert any(log["message"].startswith("Finished in state") for log in logs)

    eventually(read)
    answer = request("GET", f"/flow_runs/{run_id}/logs/download")
    assert answer.headers["content-type"].startswith("text/csv"), answer.headers["content-type"]
    rows = list(csv.reader(io.StringIO(answer.text)))
    equal(rows[0], ["timestamp", "level", "flow_run_id", "task_run_id", "message"], "head")
    equal([row[4] for row in rows if row[4].startswith("line ")], [f"line {n:04}" for n in range(count)], "lines of the file")


run_checks()
