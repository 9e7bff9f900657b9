"""A certificate for trying Laurel with phones: they open the camera only over https."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificate:
    """Files for the web server, and the authority's certificate that a phone may be told to trust."""

    certificate: Path
    key: Path
    authority: Path


def for_host(host: str, folder: Path) -> Certificate:
    """Return the certificate kept in `folder` for this host, making it up first if there is none."""
    kept = folder / host
    files = Certificate(certificate=kept / "certificate.pem", key=kept / "key.pem", authority=kept / "authority.pem")
    if not files.authority.exists():
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = trustme.CA(organization_name="Laurel on this machine")
        issued = authority.issue_cert(host, "localhost", "127.0.0.1")
        issued.private_key_pem.write_to_path(str(files.key))
        for part in issued.cert_chain_pems:
            part.write_to_path(str(files.certificate), append=True)
        # Written last: it tells that the others are complete.
        authority.cert_pem.write_to_path(str(files.authority))
    return files
