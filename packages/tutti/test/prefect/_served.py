"""Flows that other processes serve, deploy or work on.

`python _served.py NAME` serves them all under that name, `python _served.py NAME SECONDS` only the quick one, every so many seconds.
"""

import sys
import time

from prefect import flow, get_run_logger, serve, suspend_flow_run, task
from prefect.input import RunInput
from prefect.runtime import deployment


@task
def doubles(n: int):
    return 2 * n


@flow(persist_result=True)
def quick(n: int = 1, word: str = "default"):
    get_run_logger().info(f"quick {n} {word} of {deployment.name}")
    return doubles(n)


@flow(persist_result=True)
def breaks():
    raise ValueError("broken in its process")


@flow
def slow(seconds: float = 600.0):
    for _ in range(int(seconds * 10)):
        time.sleep(0.1)


class Answer(RunInput):
    word: str
    n: int = 3


@flow(persist_result=True)
def suspends():
    suspend_flow_run(timeout=300)
    return "resumed"


@flow(persist_result=True)
def suspends_for_an_answer():
    answer = suspend_flow_run(wait_for_input=Answer.with_initial_data(description="Say a **word**.", word="yes"), timeout=300)
    return [answer.word, answer.n]


flows = [quick, breaks, slow, suspends, suspends_for_an_answer]

if __name__ == "__main__":
    _, name, *rest = sys.argv
    if rest:
        quick.serve(name=name, interval=float(rest[0]), tags=["served"])
    else:
        serve(*(one.to_deployment(name, tags=["served"]) for one in flows))
