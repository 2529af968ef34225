"""公共."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class CommonConfig(AppConfig):
    name = "responsibility.common"
    label = "common"
    verbose_name = "公共"

    def ready(self) -> None:
        from responsibility.common import inputs, triggers

        inputs.install()
        pre_migrate.connect(triggers.create_extensions, sender=self)
        post_migrate.connect(triggers.install, dispatch_uid="install_triggers")
