"""Forms of feedback."""

from django import forms

from responsibility.dashboard.rules import LIMIT, TOPICS


class FeedbackForm(forms.Form):
    """What somebody wants to say."""

    topic = forms.ChoiceField(label="说的是哪一类", choices=TOPICS)
    text = forms.CharField(
        label="内容",
        max_length=LIMIT,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": LIMIT}),
        error_messages={"required": "请写一两句话。", "max_length": "最多 1000 字，请删减。"},
    )
