from sidecar.core.refusals import Refusal


def test_every_refusal_has_a_status_that_the_client_is_to_blame_for_or_we_do_not_speak() -> None:
    assert {refusal.status for refusal in Refusal} == {400, 405, 414, 417, 421, 431, 501, 505}


def test_every_code_is_a_plain_word() -> None:
    assert all(refusal.value.replace("_", "").isalnum() for refusal in Refusal)
