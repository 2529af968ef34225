"""Users, sign-in, tokens' secrets. Knows nothing of responsibility."""
