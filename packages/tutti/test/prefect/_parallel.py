"""One of many processes that run a flow at one time."""

import sys

from prefect import flow, get_run_logger, task


@task
def squares(n: int):
    return n * n


@flow
def parallel(n: int):
    get_run_logger().info(f"process {n}")
    return sum(squares.map(range(5)).result()) + n


if __name__ == "__main__":
    name, n = sys.argv[1], int(sys.argv[2])
    assert parallel.with_options(name=name)(n) == 30 + n
