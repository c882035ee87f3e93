"""`sidecar check`: is this configuration right, and does its policy decide as it should?"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from sidecar.cli.common import (
    DONE,
    REFUSED,
    CommandFailed,
    Parser,
    config_of,
    print_json,
    printable,
    settings_of,
    wants_json,
)
from sidecar.cli.run import NO_UPSTREAM, add_flags, flags_of
from sidecar.core.policy import Policy
from sidecar.faults import Fault
from sidecar.front.tls import CertificateInvalid, ServerTls
from sidecar.policy_cases import Outcome, run_cases
from sidecar.policy_file import PolicyInvalid, load_policy
from sidecar.policy_place import default_policy_file
from sidecar.process import StartRefused
from sidecar.settings import Settings
from sidecar.settings_load import SettingsInvalid
from sidecar.store.seal import SecretFileUnusable, read_secret
from sidecar.supervisor import read_authorities

_NO_CASES = Outcome(0, (), ())


def add_parser(parser: Parser) -> None:
    """Add `check [CONFIG] [--cases DIR]` and the flags of `run`."""
    parser.add_argument("file", nargs="?", metavar="CONFIG", help="the same as --config CONFIG")
    parser.add_argument(
        "--cases",
        metavar="DIR",
        help="tables of cases (default: cases/ beside the policy)",
    )
    add_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Check everything and say all that is wrong. REFUSED if anything is."""
    if args.file is not None:
        args.config = args.file
    cases = _folder(args.cases)
    settings, faults = _settings(args)
    policy: Policy | None = None
    if settings is not None:
        faults += _files(settings, str(config_of(args) or ""))
    if settings is not None and "policy" not in {fault.key for fault in faults}:
        policy, more = _policy(settings)
        faults += more
        beside = (settings.policy or default_policy_file()).parent / "cases"
        if cases is None and beside.is_dir():
            cases = beside
    outcome = _NO_CASES if cases is None else run_cases(cases)
    faults += [fault for fault in outcome.faults if fault not in faults]
    right = not faults and not outcome.mismatches
    if wants_json(args):
        print_json(_document(right, faults, outcome))
    else:
        for line in [*map(str, faults), *map(str, outcome.mismatches)]:
            print(printable(line))
        if right:
            print(_summary(config_of(args), policy, outcome))
    return DONE if right else REFUSED


def _folder(named: str | None) -> Path | None:
    if named is None:
        return None
    if not Path(named).is_dir():
        raise CommandFailed(f"--cases: {named} is not a folder")
    return Path(named)


def _settings(args: argparse.Namespace) -> tuple[Settings | None, list[Fault]]:
    """Return what is right of the settings, None if nothing of them is known, and their faults."""
    settings: Settings | None
    faults: list[Fault]
    try:
        settings, faults = settings_of(args, flags_of(args)), []
    except SettingsInvalid as invalid:
        settings, faults = invalid.rest, list(invalid.faults)
    config = config_of(args)
    if any(not fault.key for fault in faults):
        return None, faults  # a file that cannot be read could say anything
    if settings and not settings.upstream and "upstream" not in {fault.key for fault in faults}:
        faults.append(Fault(str(config or ""), "upstream", NO_UPSTREAM))
    return settings, faults


def _policy(settings: Settings) -> tuple[Policy | None, list[Fault]]:
    try:
        return load_policy(settings.policy), []
    except PolicyInvalid as invalid:
        return None, list(invalid.faults)


def _files(settings: Settings, place: str) -> list[Fault]:
    """Look into the files that a start would fail at, where the settings name them at all."""
    tls, ca = settings.tls, settings.upstream_options.ca
    faults = []
    try:
        if tls.certificate is not None and tls.key is not None:
            ServerTls(tls.certificate, tls.key)
    except CertificateInvalid as invalid:
        faults.append(Fault(place, "tls", str(invalid)))
    try:
        if settings.secret_file is not None:
            read_secret(settings.secret_file)
    except SecretFileUnusable as unusable:
        faults.append(Fault(place, "secret_file", str(unusable)))
    try:
        if ca is not None:
            read_authorities(ca)
    except StartRefused as refused:
        faults.append(Fault(place, "upstream_options.ca", str(refused)))
    return faults


def _document(right: bool, faults: Sequence[Fault], outcome: Outcome) -> dict[str, object]:
    return {
        "ok": right,
        "faults": [
            {"place": fault.place, "key": fault.key, "problem": fault.problem} for fault in faults
        ],
        "cases": {
            "tried": outcome.tried,
            "failed": [
                {
                    "file": str(failed.file),
                    "case": failed.number,
                    "method": failed.case.method,
                    "host": failed.case.host,
                    "path": failed.case.path,
                    "expected": failed.case.expect,
                    "got": failed.got,
                }
                for failed in outcome.mismatches
            ],
        },
    }


def _summary(config: Path | None, policy: Policy | None, outcome: Outcome) -> str:
    routes = len(policy.routes) if policy else 0
    subject = config or "The default configuration"
    return (
        f"{subject} is right: {_count(routes, 'route rule')}, {_count(outcome.tried, 'case')} tried"
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
