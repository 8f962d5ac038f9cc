"""The command line, `python -m autograder`. A command's module is imported only when the command is called."""

from __future__ import annotations

import pkgutil

import click

from autograder.errors import AutograderError

# Each command's place and its line in `--help`, grouped by who needs it.
COMMANDS = {
    "A class": {
        "new": ("classes:new", "Make an nbgrader course directory with every lesson released."),
        "grade": ("classes:grade", "Grade the submissions."),
        "regrade": ("classes:regrade", "Grade again the submissions that a corrected test affects."),
        "preflight": ("preflight:preflight", "Find out where each test of a class can be judged, and why."),
        "report": ("classes:report", "Write a report on a graded class, as a page and as CSV."),
        "demo": ("classes:demo", "Make a sample class of nine students and grade it."),
        "doctor": ("course:doctor", "Attack every wall of the sandbox on this machine."),
    },
    "Learning platforms": {
        "import": ("lms:import_command", "Import submissions from Canvas, Moodle or Gradescope."),
        "export": ("lms:export_command", "Write the grades as CSV that Canvas or Moodle imports."),
        "export-feedback": ("lms:export_feedback", "Zip the feedback pages for upload to Canvas or Moodle."),
    },
    "Self-study": {
        "check": ("course:check", "Check your own notebook."),
        "solution": ("course:solution", "Show the solution of an exercise that you have tried."),
    },
    "The course": {
        "build": ("course:build", "Write lessons/ from the sources in solutions/."),
        "proof": ("course:proof", "Prove that the tests accept right answers and reject wrong ones."),
        "bundle": ("course:bundle", "Zip what students need: lessons, data and an environment."),
    },
}
_PLACES = {name: place for commands in COMMANDS.values() for name, (place, _) in commands.items()}


class LazyGroup(click.Group):
    """Imports a command when it is called; prints our errors as a sentence and exits with their exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _PLACES:
            return None
        return pkgutil.resolve_name(f"autograder.cli.{_PLACES[cmd_name]}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, _PLACES))
        for who, commands in COMMANDS.items():
            with formatter.section(who):
                formatter.write_dl([(name.ljust(width), line) for name, (_, line) in commands.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Prepare this process for the command that was typed, and import that."""
        if args[:1] == ["check"]:
            from autograder.cli.early import start_for_check  # noqa: PLC0415, nothing that --help needs

            start_for_check(args[1:])
        from autograder.gradebook import install  # noqa: PLC0415, nbgrader and SQLAlchemy take seconds to import

        install()
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except AutograderError as error:
            from autograder.cli.console import echo  # noqa: PLC0415, it takes as long as all of --help

            echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Build the lessons, hand them out, and grade what comes back."""
