"""The only writers of posts, terms, postings, exceptions; and of accounts within a territory."""
