"""What is changed in the vocabulary and the lists becomes a chained history."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0002_named_papers'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('name', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('length', models.PositiveBigIntegerField(default=0)),
                ('digest', models.CharField(blank=True, max_length=64)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ListLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(editable=False, verbose_name='when')),
                ('previous', models.CharField(blank=True, editable=False, max_length=64, unique=True)),
                ('digest', models.CharField(editable=False, max_length=64)),
                ('list_name', models.CharField(max_length=40, verbose_name='list')),
                ('key', models.CharField(max_length=80, verbose_name='key')),
                ('deed', models.CharField(choices=[('added', 'added'), ('changed', 'changed'), ('removed', 'removed')], max_length=10, verbose_name='what')),
                ('why', models.TextField(blank=True, verbose_name='why')),
                ('before', models.JSONField(blank=True, null=True)),
                ('after', models.JSONField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': 'change of a list',
                'verbose_name_plural': 'changes of lists',
                'ordering': ['-pk'],
                'abstract': False,
                'base_manager_name': 'objects',
                'indexes': [models.Index(fields=['list_name', 'key'], name='history_of_entry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('deed__in', ['added', 'changed', 'removed'])), name='list_deed_known')],
            },
        ),
    ]
