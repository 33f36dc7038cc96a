"""A process of its own for checks that end it: says which flow run it is, then goes on until it is stopped."""

import sys
import time

from prefect import flow, task
from prefect.runtime import flow_run


@task
def goes_on():
    for _ in range(600):
        time.sleep(0.1)


@flow
def long():
    print("flow run", flow_run.id, flush=True)
    if "task" in sys.argv:
        goes_on()
    else:
        goes_on.fn()


if __name__ == "__main__":
    long.with_options(name=sys.argv[1])()
