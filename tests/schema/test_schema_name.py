"""Nothing else that can be imported is called `schema`."""

import importlib.util
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_schema_is_ours() -> None:
    """`import schema` finds this folder."""
    found = importlib.util.find_spec("schema")

    assert found is not None
    assert found.origin == str(ROOT / "schema" / "__init__.py")


def test_no_distribution_brings_a_schema() -> None:
    """No installed package has a module of that name (there is one on PyPI)."""
    assert set(packages_distributions().get("schema", [])) <= {"triptych"}
