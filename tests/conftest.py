"""What every test may rely on: no credentials from the machine it runs on."""

import pytest

VARIABLES = ("CAL_API_KEY", "CAL_OAUTH_CLIENT_ID", "CAL_OAUTH_CLIENT_SECRET", "CAL_API_BASE_URL")


@pytest.fixture(autouse=True)
def no_credentials_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
