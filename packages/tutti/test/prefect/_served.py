"""Flows that other processes serve, deploy or work on.

`python _served.py serve FLOW NAME [SECONDS]` serves one of them under that name, every so many seconds when told so.
"""

import sys
import time

from prefect import flow, get_run_logger, pause_flow_run, suspend_flow_run, task
from prefect.deployments import run_deployment
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run


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
def slow(seconds: float = 60.0):
    for _ in range(int(seconds * 10)):
        time.sleep(0.1)


class Answer(RunInput):
    word: str
    n: int = 3


@flow(persist_result=True)
def suspends():
    suspend_flow_run(timeout=60)
    return "resumed"


@flow(persist_result=True)
def suspends_for_an_answer():
    answer = suspend_flow_run(wait_for_input=Answer.with_initial_data(description="Say a **word**.", word="yes"), timeout=60)
    return [answer.word, answer.n]


@flow(persist_result=True)
def calls_a_deployment(name: str):
    run = run_deployment(name, parameters={"n": 21}, timeout=40, poll_interval=0.3, tags=["called"])
    return str(run.id)


@flow
def pauses():
    pause_flow_run(timeout=60, poll_interval=1)
    return flow_run.id


flows = {
    "quick": quick,
    "breaks": breaks,
    "slow": slow,
    "suspends": suspends,
    "suspends-for-an-answer": suspends_for_an_answer,
    "calls-a-deployment": calls_a_deployment,
    "pauses": pauses,
}

if __name__ == "__main__":
    _, _, which, name, *rest = sys.argv
    flows[which].serve(name=name, interval=float(rest[0]) if rest else None, pause_on_shutdown=True, tags=["served"])
