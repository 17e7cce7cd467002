"""What editors and the documentation are told about the settings."""

import json

from lsp_server.settings import Layer, merge
from lsp_server.settings.leaves import leaves
from lsp_server.settings.schema import descriptions, settings_schema, settings_table


def test_every_setting_is_described() -> None:
    texts = descriptions()
    assert set(texts) == set(leaves())
    assert all(text.endswith(".") for text in texts.values())


def test_the_schema_is_json_and_holds_every_setting() -> None:
    properties = json.loads(json.dumps(settings_schema()))["properties"]
    assert set(properties) == {leaf.name for leaf in leaves().values()}
    assert properties["dragoman.completion.maxLineTokens"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 512,
        "default": 64,
        "markdownDescription": "Tokens of a suggestion that ends with its line.",
        "scope": "window",
    }
    assert properties["dragoman.model.name"]["scope"] == "machine"


def test_what_the_schema_calls_a_default_is_one() -> None:
    """Writing every default into a configuration changes nothing and offends nobody."""
    defaults = {name: entry["default"] for name, entry in settings_schema()["properties"].items()}
    merged = merge([Layer("editor", {name.removeprefix("dragoman."): value for name, value in defaults.items()})])
    assert merged == merge([])


def test_the_table_has_a_row_for_every_setting() -> None:
    table = settings_table()
    assert all(f"`{leaf.name}`" in table for leaf in leaves().values())
