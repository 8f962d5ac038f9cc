import io
import os
import sys
from pathlib import Path


def run() -> None:
    """Run the command that was typed, or name the Python that can."""
    # For nbformat's jsonschema this would build a grammar of internationalized addresses: a second before every command.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type] # None: Python's sign for "cannot be imported"
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # Windows' own encodings, which files and pipes get, lack ✓ and ✗
    try:
        from autograder.cli.main import main  # noqa: PLC0415, may fail, with what the command imports

        main()
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "autograder":
            raise
        environment = Path(__file__).resolve().parents[1] / ".venv"
        pythons = [environment / "bin" / "python", environment / "Scripts" / "python.exe"]
        arguments = " ".join(["-m autograder", *sys.argv[1:]])
        remedies = [f"Run {os.path.relpath(python)} {arguments}" for python in pythons if python.is_file()]
        remedy = (*remedies, "Run 'make lab' once, or 'conda activate convlab', which set up a Python that has them.")[
            0
        ]
        print(
            f"Error: this Python does not have convlab's packages ('{error.name}' is missing). {remedy}",
            file=sys.stderr,
        )
        sys.exit(2)


if __name__ == "__main__":
    run()
