"""A real JupyterLab, and headless Chromium to look at it."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser(chromium):
    """Closed with the module: Playwright bears no second one beside it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyter():
    """`with jupyter(folder) as address:` runs JupyterLab there; address(path) is a URL with the token."""
    return _jupyter


@contextlib.contextmanager
def _jupyter(folder: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    private = folder / ".jupyter-test"
    settings = private / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    # The question whether to fetch news would lie over the page.
    (settings / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    environment = os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "JUPYTER_CONFIG_DIR": str(private / "config"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        f"--ServerApp.port={port}",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.expose_app_in_browser=True",
    ]
    log = private / "log.txt"
    with (
        open(log, "w") as output,
        subprocess.Popen(command, env=environment, cwd=folder, stdout=output, stderr=output) as server,
    ):
        try:
            port = _wait_for_port(private / "runtime", token, server, log)
            yield lambda path: f"http://127.0.0.1:{port}/{path}?token={token}"
        finally:
            server.terminate()


def _wait_for_port(runtime: Path, token: str, server: subprocess.Popen, log: Path) -> int:
    """Wait until the server answers. If somebody took the port in between, JupyterLab has found itself another one."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        for written in runtime.glob("jpserver-*.json"):
            try:
                port = json.loads(written.read_text())["port"]
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=2):
                    return port
            except (OSError, ValueError):
                pass
        time.sleep(0.2)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
