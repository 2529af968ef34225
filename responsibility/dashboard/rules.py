"""States of feedback. Pure."""

TOPICS = [
    ("burden", "重复填报、时限太紧"),
    ("wording", "说法不清、找不到"),
    ("fault", "出错、打不开"),
    ("idea", "建议"),
]
LIMIT = 1000
