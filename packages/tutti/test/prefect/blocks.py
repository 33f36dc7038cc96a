"""Blocks: secrets, a block class of one's own, references, results in a storage block."""

import json
import os
import subprocess
from typing import Optional

from _blocks import JSON, TuttiLogin, TuttiWarehouse
from _checks import API, HERE, all_of, check, equal, get, post, prefect, read_flow_run, request, run_checks, unique
from prefect import flow
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.filesystems import LocalFileSystem
from prefect.variables import Variable
from pydantic import Field, SecretStr


class Inner(Block):
    """Connects to something."""

    _block_type_slug = "tutti-conformance-inner"
    _block_type_name = "Tutti conformance inner"

    host: str
    port: int = 5432
    ratio: float = 30.0
    password: Optional[SecretStr] = None


class Outer(Block):
    _block_type_slug = "tutti-conformance-outer"
    _block_type_name = "Tutti conformance outer"

    inner: Inner
    options: dict = Field(default_factory=dict)


@check
def a_secret_is_saved_and_loaded_and_hidden():
    name = unique("secret")
    Secret(value="s3cret").save(name)
    equal(Secret.load(name).get(), "s3cret", "value")
    path = f"/block_types/slug/secret/block_documents/name/{name}"
    equal(get(path)["data"], {"value": "********"}, "what others see")
    equal(get(path, include_secrets="true")["data"], {"value": "s3cret"}, "with secrets")
    Secret(value={"token": "t", "n": 1.0}).save(name, overwrite=True)
    equal(Secret.load(name).get(), {"token": "t", "n": 1.0}, "a value of parts")
    Secret(value="other").save(name, overwrite=True)
    equal(Secret.load(name).get(), "other")
    try:
        Secret(value="third").save(name)
        raise AssertionError("saved over one that is there")
    except ValueError:
        pass
    Secret.delete(name)
    request("GET", f"/block_types/slug/secret/block_documents/name/{name}", status=404)


@check
def a_block_class_is_registered_once_and_its_checksum_agrees():
    Inner.register_type_and_schema()
    schema = get(f"/block_schemas/checksum/{Inner._calculate_schema_checksum()}")
    Inner.register_type_and_schema()
    again = get(f"/block_schemas/checksum/{Inner._calculate_schema_checksum()}")
    equal(schema["id"], again["id"], "schemas")
    kind = get("/block_types/slug/tutti-conformance-inner")
    equal((kind["name"], kind["id"]), ("Tutti conformance inner", schema["block_type_id"]))
    equal(schema["fields"]["properties"]["ratio"]["default"], 30.0)


@check
def a_block_within_a_block_is_kept_as_a_reference():
    inner, outer = unique("inner"), unique("outer")
    Inner(host="db", password="hidden").save(inner)
    Outer(inner=Inner.load(inner), options={"x": [1.0]}).save(outer)
    loaded = Outer.load(outer)
    equal((loaded.inner.host, loaded.inner.port, loaded.inner.password.get_secret_value(), loaded.options), ("db", 5432, "hidden", {"x": [1.0]}))
    changed = Inner.load(inner)
    changed.host = "elsewhere"
    changed.save(inner, overwrite=True)
    equal(Outer.load(outer).inner.host, "elsewhere", "the inner block as it is now")
    document = get(f"/block_types/slug/tutti-conformance-outer/block_documents/name/{outer}")
    assert "inner" in document["block_document_references"], document["block_document_references"]


@check
def block_documents_are_found():
    name = unique("inner")
    Inner(host="found").save(name)
    found = post("/block_documents/filter", {"block_documents": {"name": {"any_": [name]}}})
    equal([(one["name"], one["data"]["host"], one["block_type"]["slug"]) for one in found], [(name, "found", "tutti-conformance-inner")])
    loaded = Block.load(f"tutti-conformance-inner/{name}")
    equal(type(loaded).__name__, "Inner")


@check
def results_are_kept_in_a_storage_block():
    import tempfile

    name = unique("files")
    LocalFileSystem(basepath=tempfile.mkdtemp()).save(name)

    @flow(name=unique("stored"), persist_result=True, result_storage=f"local-file-system/{name}")
    def stored():
        return "in the block"

    run = read_flow_run(stored(return_state=True).state_details.flow_run_id)
    assert run.state.data.storage_block_id is not None
    equal(run.state.result(), "in the block")


@check
def the_command_registers_lists_shows_and_deletes():
    name = unique("command")
    registered = prefect("block", "register", "--file", str(HERE / "_blocks.py"))
    assert "Successfully registered 3 blocks" in registered, registered
    assert "Tutti conformance warehouse" in registered, registered
    TuttiLogin(user="me", password="hunter22").save(name)

    listed, as_json, shown, types, kind = all_of(
        ("block", "ls"),
        ("block", "ls", "--output", "json"),
        ("block", "inspect", f"tutti-conformance-login/{name}"),
        ("block", "type", "ls"),
        ("block", "type", "inspect", "tutti-conformance-login"),
    )
    assert f"tutti-conformance-login/{name}" in listed and "Tutti conformance login" in listed, listed
    found = [one for one in json.loads(as_json) if one["name"] == name]
    equal([(one["data"]["user"], one["block_type"]["slug"]) for one in found], [("me", "tutti-conformance-login")])
    assert "me" in shown and "********" in shown and "hunter22" not in shown, shown
    assert "tutti-conformance-warehouse" in types and "secret" in types, types
    assert "Says who asks" in kind and "password" in kind.lower(), kind

    assert "Deleted Block" in prefect("block", "delete", f"tutti-conformance-login/{name}")
    assert "not found" in prefect("block", "inspect", f"tutti-conformance-login/{name}", status=1)


@check
def a_json_block_keeps_what_it_is_given():
    name = unique("json")
    JSON(value={"list": [1.0, None], "text": "x"}).save(name)
    equal(JSON.load(name).value, {"list": [1.0, None], "text": "x"})
    equal(get(f"/block_types/slug/json/block_documents/name/{name}")["data"]["value"]["list"], [1.0, None])


def of_tutti(verb, name):
    """Lets Tutti's SDK save or load the blocks of a name; `None` against a server that it cannot speak to."""
    if os.environ["TUTTI_CONFORMANCE_LATER"] == "0":
        return None
    home = os.path.join(os.environ["PREFECT_HOME"], "tutti-sdk")
    environment = {**os.environ, "TUTTI_API_URL": API, "TUTTI_HOME": home}
    command = [os.environ["TUTTI_NODE"], "--conditions=tutti-source", "--disable-warning=ExperimentalWarning", str(HERE / "_blocks.ts")]
    ended = subprocess.run([*command, verb, name], capture_output=True, text=True, timeout=60, env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@check
def blocks_that_tutti_saved_are_loaded_by_classes_of_the_same_fields():
    name = unique("of-tutti")
    if of_tutti("save", name) is None:
        return
    loaded = TuttiWarehouse.load(name)
    equal(
        (loaded.host, loaded.port, loaded.login.user, loaded.login.password.get_secret_value(), loaded.headers["token"].get_secret_value()),
        ("db", 5432, "me", "passw0rd", "t0ken"),
    )
    equal(TuttiLogin.load(name).user, "me", "the block that it refers to")
    equal(Secret.load(name).get(), "s3cret", "secret")
    equal(JSON.load(name).value, {"list": [1, None]}, "JSON")
    equal(Variable.get(name.replace("-", "_")), {"list": [1, None]}, "variable")
    document = get(f"/block_types/slug/tutti-conformance-warehouse/block_documents/name/{name}")
    equal(document["data"]["headers"], {"token": "********"}, "what others see")
    equal(document["data"]["login"], {"user": "me", "password": "********"}, "what others see of the block it refers to")


@check
def blocks_that_were_saved_here_are_loaded_by_tutti():
    name = unique("of-prefect")
    login = TuttiLogin(user="you", password="drowssap")
    login.save(name)
    TuttiWarehouse(host="db", port=1, login=TuttiLogin.load(name), headers={"token": "nekot"}).save(name)
    Secret(value="terces").save(name)
    JSON(value=[1.5, "x"]).save(name)
    Variable.set(name.replace("-", "_"), {"n": 2})
    loaded = of_tutti("load", name)
    if loaded is None:
        return
    expected = {"host": "db", "port": 1, "user": "you", "password": "password", "token": "token", "secret": "secret"}
    equal(json.loads(loaded), {**expected, "json": [1.5, "x"], "variable": {"n": 2}})
    equal(TuttiWarehouse.load(name).login.user, "you", "still")


run_checks()
