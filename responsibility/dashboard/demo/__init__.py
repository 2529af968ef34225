"""The demo city: real places and bodies, posts instead of persons, an invented year (演示数据).

Deterministic, given the date. Written in bulk by the installation itself, before anybody works.
"""
