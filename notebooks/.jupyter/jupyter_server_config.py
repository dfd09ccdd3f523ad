"""The settings of `make lab`, for this project alone: JUPYTER_CONFIG_DIR names this folder, and no other is written to.

Beside this file: `labconfig` has what JupyterLab shows, `kernels` what its Python loads, `workspace.json` which
panels are open at first. What somebody sets in the browser goes to `lab`, which is not in git.
"""

from __future__ import annotations

import os
from pathlib import Path
from shutil import copyfile
from typing import Any

import zmq
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

HERE = Path(__file__).resolve().parent
KEPT = {"state.ipynb", "city.ipynb", "record.ipynb", "changes.ipynb", "nation.ipynb"}
OPEN = HERE / "lab" / "workspaces" / "default-37a8.jupyterlab-workspace"  # where JupyterLab keeps what is open


class Notebooks(AsyncLargeFileManager):
    """Saves the kit's own notebooks as git has them: to run one is no change. A reporter's copy keeps its outputs."""

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Save a file."""
        if path.strip("/") in KEPT and model["type"] == "notebook":
            content = model["content"]
            content["metadata"]["language_info"] = {"name": "python"}
            for cell in content["cells"]:
                if cell["cell_type"] == "code":
                    cell.update(outputs=[], execution_count=None)
        return await super().save(model, path)


os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(HERE), os.environ.get("JUPYTER_PATH")]))
if not OPEN.exists():
    OPEN.parent.mkdir(parents=True, exist_ok=True)
    copyfile(HERE / "workspace.json", OPEN)

c = get_config()  # noqa: F821  (Jupyter puts it here)
c.ServerApp.root_dir = str(HERE.parent)
c.ServerApp.contents_manager_class = Notebooks
c.ServerApp.log_level = c.LabApp.log_level = "WARN"
c.ServerApp.tornado_settings = {"ws_ping_interval": 0}  # within one machine no connection has to be kept awake
if zmq.has("curve"):
    c.KernelManager.transport_encryption = "auto"  # what runs in a notebook is for this server alone
c.LabApp.extra_labextensions_path = [str(HERE / "labextensions")]
c.LabApp.custom_css = True
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.handlers.announcements.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
