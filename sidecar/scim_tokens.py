"""The tokens of SCIM, in their file: one, or two while one replaces the other."""

from pathlib import Path

LEAST = 32


def tokens_of(path: Path) -> tuple[str, ...]:
    """Return the tokens, a line each. Raises ValueError that says what is wrong, and repeats
    nothing of them."""
    try:
        lines = [line.strip() for line in path.read_text("ascii").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise ValueError("cannot be read as text") from None
    tokens = tuple(line for line in lines if line)
    if not 1 <= len(tokens) <= 2:
        raise ValueError("must hold one token, or two, each on a line of its own")
    if any(len(token) < LEAST or " " in token for token in tokens):
        raise ValueError(f"must hold tokens of at least {LEAST} characters, without blanks")
    if any(token.startswith("sst_") for token in tokens):
        raise ValueError("must not hold a token that begins with sst_: those are of agents")
    return tokens
