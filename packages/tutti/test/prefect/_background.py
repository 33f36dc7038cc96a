"""Tasks that run in the background: `python _background.py` serves them, checks delay them."""

from prefect import task


@task(persist_result=True)
def adds(a: float, b: float):
    return a + b


@task(persist_result=True, retries=1, retry_delay_seconds=1)
def second_time(path: str):
    with open(path, "a+") as file:
        file.seek(0)
        calls = len(file.read())
        file.write("x")
    if calls == 0:
        raise ConnectionError("not yet")
    return calls + 1


@task
def breaks():
    raise ValueError("broken in the background")


if __name__ == "__main__":
    from prefect.task_worker import serve

    serve(adds, second_time, breaks)
