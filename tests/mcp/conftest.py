"""Servers of the installed package start fast enough to start many."""

import os
from collections.abc import Iterator

import pytest

from tests.installed import install


@pytest.fixture(scope="package", autouse=True)
def installed_package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the processes that tests start use a copy whose YAML is compiled."""
    site = tmp_path_factory.mktemp("site")
    install(site)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(site))
        for name in os.environ:
            if name.startswith("CAL_"):
                patch.delenv(name)
        yield
