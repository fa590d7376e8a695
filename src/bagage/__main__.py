"""The console command: ``bagage serve``, ``bagage migrate``, ``bagage load_demo``, ``bagage --help`` for all.

Refused input names the option and the rule, and exits with 2; what fails for another reason exits with 1.
"""

import os
import sys
from collections.abc import Sequence

from bagage import __version__
from bagage.common.supervisor import end_with_parent

# Started often, or kept small in memory: these do not need the models.
WITHOUT_MODELS = {"run_web": "bagage.common", "advise_connection": "bagage.connection"}

OVERVIEW = """Bagage {version}

  bagage serve          serve Bagage; the first start prepares its home
  bagage migrate        bring the database up to this version (serve does it too)
  bagage backup         copy the database into the home's backups
  bagage COMMAND --help what a command does, and its options
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--version"]:
        print(__version__)
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bagage.config.settings")
    end_with_parent()
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management.base import CommandError
    from django.db import DatabaseError

    asked = given[0] if given else "help"
    try:
        if asked in {"help", "--help", "-h"}:
            return show_overview()
        return run_command(asked, given[1:])
    except ImproperlyConfigured as error:
        return say(f"bagage: {error}", 2)
    except CommandError as error:
        return say(f"bagage {asked}: {error}", error.returncode)
    except DatabaseError as error:
        return say(f"bagage {asked}: the database refuses: {error}".rstrip(), 1)
    except PermissionError as error:
        return say(f"bagage {asked}: no right to use {error.filename}", 1)
    except KeyboardInterrupt:
        return 130


def say(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Find a command, ours or Django's, or a job of that name, and run it."""
    import django
    from django.core.management import get_commands, load_command_class
    from django.core.management.base import BaseCommand
    from django.db import connections

    if name in WITHOUT_MODELS:
        application: str | BaseCommand | None = WITHOUT_MODELS[name]
    else:
        django.setup()
        application = get_commands().get(name)
    if application is None:
        from bagage.common.jobs import all_jobs

        if name not in all_jobs():
            return say(f"bagage {name}: there is no such command; bagage --help shows all.", 2)
        application, arguments, name = "bagage.common", [name, *arguments], "run_job"
    command = load_command_class(application, name) if isinstance(application, str) else application
    # Said to Django so that refused options are printed with the usage, exit code 2.
    command._called_from_command_line = True  # type: ignore[attr-defined]
    options = dict(vars(command.create_parser("bagage", name).parse_args(list(arguments))))
    try:
        command.execute(*options.pop("args", ()), **options)
    finally:
        if name not in WITHOUT_MODELS:
            connections.close_all()
    return 0


def show_overview() -> int:
    import django
    from django.core.management import get_commands, load_command_class

    from bagage.common.jobs import all_jobs

    django.setup()
    lines = [OVERVIEW.format(version=__version__), "Commands of Bagage:"]
    commands = get_commands()
    for name, application in sorted(commands.items()):
        if isinstance(application, str) and application.startswith("bagage."):
            lines.append(f"  {name:<22}{load_command_class(application, name).help}")
    jobs = all_jobs()
    if jobs:
        lines.append("\nRecurring jobs (serve runs them; these run one now):")
        lines += [f"  {each.name:<22}{each.summary}" for each in jobs.values()]
    others = sorted(name for name, application in commands.items() if application == "django.core")
    lines += ["", "Commands of Django: " + " ".join(others)]
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
