"""Why a request is refused before anybody asks who sent it: one closed table.

The value is the stable `code` of the problem body, the log line and the metric label. A refused
request is answered, its connection is closed, and the upstream hears nothing of it.
"""

from enum import StrEnum


class Refusal(StrEnum):
    """What is wrong with the request itself."""

    MALFORMED = "malformed_request"
    HOST_MISSING = "host_missing"
    HOST_REPEATED = "host_repeated"
    HOST_INVALID = "host_invalid"
    HOST_UNKNOWN = "host_unknown"
    VERSION = "version_not_supported"
    METHOD = "method_not_allowed"
    CODING_INVALID = "transfer_coding_invalid"
    CODING_UNKNOWN = "transfer_coding_not_implemented"
    CODING_IN_1_0 = "transfer_coding_in_http_1_0"
    LENGTH_AND_CODING = "content_length_with_transfer_coding"
    LENGTH_INVALID = "content_length_invalid"
    EXPECTATION = "expectation_failed"
    FIELD_NAME = "field_name_invalid"
    FIELD_VALUE = "field_value_invalid"
    FIELD_ENCODING = "field_not_utf8"
    FIELD_REPEATED = "field_repeated"
    FIELDS_TOO_LARGE = "fields_too_large"
    TWO_CREDENTIALS = "two_credentials"
    FORWARDED_URI_MISSING = "forwarded_uri_missing"
    FORWARDED_URI_CONTRADICTORY = "forwarded_uri_contradictory"
    TARGET_FORM = "target_form_not_supported"
    TARGET_TOO_LONG = "target_too_long"
    TARGET_CHARACTER = "target_character_invalid"
    TARGET_FRAGMENT = "target_with_fragment"
    TARGET_ENCODING = "target_encoding_invalid"
    TARGET_SEPARATOR = "target_hides_a_separator"
    TARGET_DOTS = "target_with_dot_segments"

    @property
    def status(self) -> int:
        """The status of the answer."""
        return _STATUSES.get(self, 400)


_STATUSES = {
    Refusal.METHOD: 405,
    Refusal.TARGET_TOO_LONG: 414,
    Refusal.EXPECTATION: 417,
    Refusal.HOST_UNKNOWN: 421,
    Refusal.FIELDS_TOO_LARGE: 431,
    Refusal.CODING_UNKNOWN: 501,
    Refusal.VERSION: 505,
}
