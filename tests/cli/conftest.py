"""What the tests of several commands share."""

from tests.cli.audited import audit

__all__ = ["audit"]
