"""Block classes whose likes _blocks.ts declares; also what `prefect block register` is given."""

from typing import Optional

from prefect.blocks.core import Block
from pydantic import JsonValue, SecretStr


class TuttiLogin(Block):
    """Says who asks."""

    _block_type_name = "Tutti conformance login"
    _block_type_slug = "tutti-conformance-login"

    user: str
    password: SecretStr


class TuttiWarehouse(Block):
    _block_type_name = "Tutti conformance warehouse"
    _block_type_slug = "tutti-conformance-warehouse"

    host: str
    port: int = 5432
    login: TuttiLogin
    headers: Optional[dict[str, SecretStr]] = None


class JSON(Block):
    """As earlier clients have it."""

    _block_type_name = "JSON"
    _block_type_slug = "json"

    value: JsonValue
