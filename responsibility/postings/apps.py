"""岗位与权限."""

from django.apps import AppConfig


class PostingsConfig(AppConfig):
    name = "responsibility.postings"
    label = "postings"
    verbose_name = "岗位与权限"
