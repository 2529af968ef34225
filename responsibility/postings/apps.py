"""岗位与权限."""

from django.apps import AppConfig


class PostingsConfig(AppConfig):
    name = "responsibility.postings"
    label = "postings"
    verbose_name = "岗位与权限"

    def ready(self) -> None:
        from responsibility.common import scoping
        from responsibility.postings.access import grants_of

        scoping.register_provider(grants_of)
