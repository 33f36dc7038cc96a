"""Blocks: secrets, a block class of one's own, references, results in a storage block."""

from typing import Optional

from _checks import check, equal, get, post, read_flow_run, request, run_checks, unique
from prefect import flow
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.filesystems import LocalFileSystem
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


run_checks()
