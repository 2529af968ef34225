"""How one-time passwords are kept until their first use."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class InitialPasswordHasher(Argon2PasswordHasher):
    """A light argon2 for random one-time passwords, so that a county's can be printed at once.

    They carry some 39 random bits and must be changed at first sign-in, when Django hashes them
    anew with the first hasher of the settings.
    """

    algorithm = "argon2_initial"
    time_cost = 1
    memory_cost = 8192
    parallelism = 1
