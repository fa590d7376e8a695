"""From here on the database itself refuses to change or delete what the trail holds."""

from django.db import migrations

from bagage.trail.guards import postgresql_guards, removed_guards, sqlite_guards


def set_up(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in sqlite_guards() if vendor == "sqlite" else postgresql_guards():
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    for statement in removed_guards(schema_editor.connection.vendor):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial")]
    operations = [migrations.RunPython(set_up, remove)]
