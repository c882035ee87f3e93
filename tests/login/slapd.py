"""Debian's `slapd` with three people in it: a process of the test's own, in a folder of its own."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ldap3 import MODIFY_REPLACE, NONE, Connection, Server

from tests.certificates import write_certificate
from tests.ports import free_port

BASE = "dc=example,dc=com"
ROOT_DN, ROOT_PASSWORD = f"cn=root,{BASE}", "the-root-of-it-all-271828"
SEARCH_DN, SEARCH_PASSWORD = f"cn=sidecar,{BASE}", "looks-people-up-161803"
PASSWORD = "correct horse battery"
_CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile {folder}/pid
allow bind_anon_cred
TLSCACertificateFile {ca}
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
database mdb
directory {folder}/data
suffix {base}
rootdn {root}
rootpw {password}
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact={search} read by * none
overlay memberof
memberof-refint on
"""


@dataclass
class Slapd:
    folder: Path
    plain: int
    tls: int
    ca: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"ldaps://127.0.0.1:{self.tls}"

    @property
    def start_tls_url(self) -> str:
        return f"ldap://127.0.0.1:{self.plain}"

    @property
    def password_file(self) -> Path:
        return self.folder / "password"

    def settings(self) -> dict[str, str]:
        """What a provider of the settings needs to ask it."""
        return {
            "kind": "ldap",
            "urls": self.url,
            "base": BASE,
            "ca": str(self.ca),
            "bind_dn": SEARCH_DN,
            "bind_password_file": str(self.password_file),
        }

    def start(self) -> None:
        slapd = shutil.which("slapd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        assert slapd is not None, "the tests need slapd: did `.ci/needs test` run?"
        urls = f"ldap://127.0.0.1:{self.plain} {self.url}"
        config = str(self.folder / "slapd.conf")
        # -d keeps it in the foreground: a child that ends with the test.
        self.process = subprocess.Popen(
            [slapd, "-d", "0", "-h", urls, "-f", config], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.root().unbind()
                return
            except Exception:
                time.sleep(0.05)
        raise AssertionError("slapd did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def root(self) -> Connection:
        server = Server("127.0.0.1", port=self.plain, get_info=NONE, connect_timeout=2)
        return Connection(server, ROOT_DN, ROOT_PASSWORD, auto_bind=True, check_names=False)

    def add(self, dn: str, kind: str, **values: object) -> None:
        connection = self.root()
        assert connection.add(dn, kind, values), connection.result
        connection.unbind()

    def add_person(self, uid: str, rdn: str = "", **more: object) -> str:
        dn = f"{rdn or 'uid=' + uid},ou=people,{BASE}"
        values = {"uid": uid, "cn": uid.title(), "sn": "X", "mail": f"{uid}@example.com"}
        self.add(dn, "inetOrgPerson", **{**values, "userPassword": PASSWORD, **more})
        return dn

    def set(self, dn: str, **values: object) -> None:
        connection = self.root()
        change = {
            name: [(MODIFY_REPLACE, value if isinstance(value, list) else [value])]
            for name, value in values.items()
        }
        assert connection.modify(dn, change), connection.result
        connection.unbind()

    def delete(self, dn: str) -> None:
        connection = self.root()
        assert connection.delete(dn), connection.result
        connection.unbind()


def person(uid: str) -> str:
    return f"uid={uid},ou=people,{BASE}"


def group(name: str, below: str = "groups") -> str:
    return f"cn={name},ou={below},{BASE}"


@contextmanager
def a_slapd(folder: Path) -> Iterator[Slapd]:
    """ann is in staff and ops, ben in staff, cy in neither."""
    write_certificate(folder, "slapd")
    (folder / "data").mkdir()
    slapd = Slapd(folder, free_port(), free_port(), folder / "cert.pem")
    slapd.password_file.write_text(SEARCH_PASSWORD + "\n")
    (folder / "slapd.conf").write_text(
        _CONF.format(
            folder=folder,
            ca=slapd.ca,
            certificate=slapd.ca,
            key=folder / "key.pem",
            base=BASE,
            root=ROOT_DN,
            password=ROOT_PASSWORD,
            search=SEARCH_DN,
        )
    )
    try:
        slapd.start()
        slapd.add(BASE, "domain", dc="example")
        for name in ("people", "groups", "clubs"):
            slapd.add(f"ou={name},{BASE}", "organizationalUnit")
        slapd.add(SEARCH_DN, "organizationalRole", cn="sidecar")
        slapd.set(
            SEARCH_DN,
            objectClass=["organizationalRole", "simpleSecurityObject"],
            userPassword=SEARCH_PASSWORD,
        )
        for uid in ("ann", "ben", "cy"):
            slapd.add_person(uid)
        slapd.add(group("staff"), "groupOfNames", member=[person("ann"), person("ben")])
        slapd.add(group("ops"), "groupOfNames", member=[person("ann")])
        slapd.add(group("ops", "clubs"), "groupOfNames", member=[person("cy")])
        yield slapd
    finally:
        slapd.stop()
