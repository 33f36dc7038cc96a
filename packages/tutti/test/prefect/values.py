"""Variables and artifacts: made in flows and outside, read back, changed, found, deleted."""

import json

from _checks import check, equal, post, read_task_runs, request, run_checks, unique
from prefect import flow, get_client, task
from prefect.artifacts import (
    Artifact,
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.runtime import flow_run, task_run
from prefect.variables import Variable


@check
def variables_keep_any_json():
    for value in ["text", 7, 1.5, 9007199254740993, None, True, [1, 1.0, "x"], {"a": {"b": [None]}, "c": 2.50}]:
        name = unique("var").replace("-", "_")
        Variable.set(name, value, tags=["kept"])
        equal(json.dumps(Variable.get(name)), json.dumps(value), "value")
        with get_client(sync_client=True) as client:
            found = client.read_variable_by_name(name)
        equal((json.dumps(found.value), found.tags), (json.dumps(value), ["kept"]), "value and tags")


@check
def variables_are_changed_and_deleted():
    name = unique("var").replace("-", "_")
    equal(Variable.get(name, default="none"), "none", "one that is not there")
    Variable.set(name, "one")
    try:
        Variable.set(name, "two")
        raise AssertionError("set twice without overwrite")
    except ValueError:
        pass
    Variable.set(name, {"n": 2}, overwrite=True, tags=["changed"])
    equal(Variable.get(name), {"n": 2})
    request("POST", "/variables/", status=409, json={"name": name, "value": 1})
    equal(Variable.unset(name), True)
    equal(Variable.unset(name), False)
    equal(Variable.get(name), None)


@check
async def variables_are_found_by_name_and_tag():
    prefix = unique("many").replace("-", "_")
    for n in range(3):
        await Variable.aset(f"{prefix}_{n}", n, tags=[prefix])
    equal(await Variable.aget(f"{prefix}_2"), 2)
    found = post("/variables/filter", {"variables": {"tags": {"all_": [prefix]}}, "sort": "NAME_DESC"})
    equal([one["value"] for one in found], [2, 1, 0], "found by tag")
    equal(post("/variables/count", {"variables": {"name": {"like_": prefix}}}), 3, "count by name")


@check
def names_and_values_of_variables_have_their_rules():
    request("POST", "/variables/", status=422, json={"name": "Not OK!", "value": 1})
    request("POST", "/variables/", status=422, json={"name": unique("long"), "value": "x" * 5001})


@check
def artifacts_belong_to_the_run_that_made_them():
    key = unique("report")
    seen = {}

    @task
    def makes():
        seen["task"] = task_run.id
        create_table_artifact([{"a": 1.0, "b": "x"}, {"a": 2, "b": None}], key=f"{key}-table", description="A *table*")

    @flow(name=unique("artifacts"))
    def reports():
        seen["flow"] = flow_run.id
        create_markdown_artifact("# First", key=key)
        create_markdown_artifact("# Second", key=key, description="newer")
        create_link_artifact("https://example.com", key=f"{key}-link", link_text="there")
        makes()

    state = reports(return_state=True)
    read_task_runs(state.state_details.flow_run_id, 1)
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[seen["flow"]])))
    own = [one for one in found if one.key is not None]
    equal(sorted((one.type, one.key) for one in own), sorted([("markdown", key), ("markdown", key), ("markdown", f"{key}-link"), ("table", f"{key}-table")]), "artifacts")
    table = next(one for one in own if one.type == "table")
    equal((str(table.task_run_id), table.description), (seen["task"], "A *table*"))
    equal(json.loads(table.data), [{"a": 1.0, "b": "x"}, {"a": 2, "b": None}], "rows")
    equal(next(one.data for one in own if one.key == f"{key}-link"), "[there](https://example.com)", "link")

    latest = Artifact.get(key)
    equal((latest.data, latest.description), ("# Second", "newer"), "the latest of its key")
    equal(post("/artifacts/count", {"artifacts": {"key": {"any_": [key]}}}), 2, "all of its key")
    equal(post("/artifacts/latest/count", {"artifacts": {"key": {"like_": key}}}), 3, "latest ones")


@check
def progress_is_updated():
    seen = {}

    @flow(name=unique("progress"))
    def works():
        made = create_progress_artifact(0.0, description="begins")
        update_progress_artifact(made, progress=62.5, description="goes on")
        seen["id"] = made

    works()
    found = request("GET", f"/artifacts/{seen['id']}").json()
    equal((found["type"], found["data"], found["description"]), ("progress", 62.5, "goes on"))


@check
def deleting_the_latest_artifact_shows_the_one_before():
    key = unique("again")
    first, second = (request("POST", "/artifacts/", json={"key": key, "type": "markdown", "data": text}).json()["id"] for text in ("one", "two"))
    equal(Artifact.get(key).data, "two")
    request("DELETE", f"/artifacts/{second}", status=204)
    equal(Artifact.get(key).data, "one")
    request("DELETE", f"/artifacts/{first}", status=204)
    equal(Artifact.get(key), None)


run_checks()
