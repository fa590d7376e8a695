"""Keys of names say the year of birth and where she lives; all are written again, by the rules of today."""

from itertools import groupby
from typing import Any

from django.db import migrations, models

from bagage.people.domain.names import keys_of, place_words

BATCH = 2_000


def write_again(apps: Any, schema_editor: Any) -> None:
    person, key = apps.get_model("people", "Person"), apps.get_model("people", "NameKey")
    name = apps.get_model("people", "PersonName")
    key.objects.all().delete()
    last = 0
    while True:
        files = list(
            person.objects.filter(pk__gt=last, erased_at=None)
            .order_by("pk")
            .values_list("pk", "chosen_name", "family_name", "birth_year", "where")[:BATCH]
        )
        if not files:
            return
        last = files[-1][0]
        written = name.objects.filter(person__gte=files[0][0], person__lte=last).order_by("person", "pk")
        others = {
            pk: [text for _, text in rows]
            for pk, rows in groupby(written.values_list("person_id", "text"), key=lambda row: row[0])
        }
        rows = []
        for pk, chosen, family, year, where in files:
            rows += [
                key(person_id=pk, word=word, sound=sound, skeleton=skeleton, birth_year=year)
                for word, sound, skeleton in keys_of([f"{chosen} {family}".strip(), *others.get(pk, ())])
            ]
            rows += [
                key(person_id=pk, word=word, is_place=True, birth_year=year) for word in place_words(where)
            ]
        key.objects.bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("people", "0002_references_freezes_attachments")]

    operations = [
        migrations.AddField(
            model_name="namekey",
            name="birth_year",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(model_name="namekey", name="is_place", field=models.BooleanField(default=False)),
        # The words of all names are kept in memory: nothing asks for one any more.
        migrations.RemoveIndex(model_name="namekey", name="people_namekey_word"),
        migrations.RunPython(write_again, migrations.RunPython.noop, elidable=True),
    ]
