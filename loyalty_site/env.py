"""Typed readers of the environment. A bad value stops the start with one sentence, never with a traceback."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

TRUE = frozenset({"1", "on", "true", "yes"})
FALSE = frozenset({"0", "off", "false", "no"})


class BadSetting(SystemExit):
    """
    One sentence: which variable, what is wrong with it, what was expected.

    A SystemExit, because settings are read by many commands (manage.py, the web server, the worker) and each of them
    then prints the sentence and stops, where any other exception would bury it in a traceback.
    """


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over: `tls` begins in the clear and switches, `ssl` is encrypted from the first byte."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    ssl: bool


class Environment:
    """
    Reads typed values out of `values`. An empty variable counts as absent, as container tools pass those.

    Every reader raises BadSetting; secrets are never repeated in its sentence.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, *, default: str | None = None) -> str:
        value = self._values.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise BadSetting(f"{name} is not set, and has no safe default.")
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name, default="on" if default else "off").lower()
        if value not in TRUE | FALSE:
            _refuse(name, value, "on or off (also true/false, yes/no, 1/0)")
        return value in TRUE

    def integer(self, name: str, *, default: int, minimum: int, maximum: int) -> int:
        value = self.text(name, default=str(default))
        expected = f"a whole number from {minimum} to {maximum}"
        if not value.isascii() or not value.removeprefix("-").isdigit():
            _refuse(name, value, expected)
        if not minimum <= int(value) <= maximum:
            _refuse(name, value, expected)
        return int(value)

    def choice(self, name: str, *, default: str, choices: Collection[str]) -> str:
        value = self.text(name, default=default)
        if value not in choices:
            _refuse(name, value, "one of " + ", ".join(sorted(choices)))
        return value

    def words(self, name: str, *, default: Collection[str] = ()) -> list[str]:
        """A comma-separated list."""
        value = self.text(name, default=",".join(default))
        return [word for word in (part.strip() for part in value.split(",")) if word]

    def path(self, name: str, *, default: Path) -> Path:
        return Path(self.text(name, default=str(default))).expanduser().absolute()

    def url(self, name: str, *, default: str) -> str:
        """An http(s) address without a path, and without the slash at its end."""
        value = self.text(name, default=default).rstrip("/")
        expected = "an address such as https://points.example.com"
        try:
            parts = urlsplit(value)
            port_is_valid = parts.port is None or parts.port > 0
        except ValueError:
            _refuse(name, value, expected)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
            _refuse(name, value, expected)
        if parts.path or parts.query or parts.fragment or parts.username:
            _refuse(name, value, f"{expected}, with nothing after the host and port")
        return value

    def secret(self, name: str, *, keep_in: Path | None = None, minimum_length: int = 50) -> str:
        """
        Read a secret from `name`, or from the file that `name`_FILE points to.

        :param keep_in: a folder to make the secret up in, once, when neither is set; None where that would be unsafe
        """
        value, source = self._direct_or_from_file(name)
        if value is None:
            if keep_in is None:
                raise BadSetting(
                    f"{name} is not set: outside of demo and development Laurel does not make one up. "
                    f"Set {name}, or {name}_FILE, to at least {minimum_length} random characters, for example: "
                    'python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
                )
            return _kept_secret(keep_in / name.lower())
        if len(value) < minimum_length:
            raise BadSetting(f"{source} has {len(value)} characters: expected at least {minimum_length}, random ones.")
        return value

    def _direct_or_from_file(self, name: str) -> tuple[str | None, str]:
        direct, file = self.text(name, default=""), self.text(f"{name}_FILE", default="")
        if direct and file:
            raise BadSetting(f"Both {name} and {name}_FILE are set: keep one of them.")
        if not file:
            return direct or None, name
        try:
            return Path(file).read_text(encoding="utf-8").strip(), f"The file that {name}_FILE names"
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"{name}_FILE is {file!r}, which can't be read: {_reason(error)}.") from None

    def database(self, name: str) -> dict[str, Any] | None:
        """
        Django's form of a postgresql:// address, read as libpq reads it; None if absent.

        As it holds a password it may also come from the file that `name`_FILE points to.
        """
        value, source = self._direct_or_from_file(name)
        if value is None:
            return None
        expected = "expected postgresql://USER:PASSWORD@HOST:PORT/NAME, special characters in the password as %XX"
        if not value.startswith(("postgresql://", "postgres://")):
            scheme = value.partition(":")[0]
            raise BadSetting(f"{source} begins with {scheme!r}: {expected}. Laurel runs on PostgreSQL only.")
        try:
            parts = conninfo_to_dict(value)
            ports_are_valid = all(port.isdigit() for port in str(parts.get("port", 5432)).split(","))
        except psycopg.ProgrammingError:
            ports_are_valid, parts = False, {}
        if not ports_are_valid:
            raise BadSetting(f"{source} is not an address: {expected}.")
        if not parts.get("dbname"):
            raise BadSetting(f"{source} names no database: {expected}.")
        own_names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
        config: dict[str, Any] = {key: parts.pop(part, None) or "" for key, part in own_names.items()}
        return {**config, "OPTIONS": dict(parts)}

    def database_owner(self, name: str, *, of: Mapping[str, Any] | None) -> dict[str, Any]:
        """
        Read how the owner of the tables reaches the database `of`: user, password, host and port; empty if absent.

        :param of: what `database` returned for everybody else; None where the embedded server is used
        """
        owner = self.database(name)
        if owner is None:
            return {}
        if of is None:
            raise BadSetting(f"{name} is set and DATABASE_URL is not: set both, or neither for the embedded server.")
        if owner["NAME"] != of["NAME"]:
            raise BadSetting(
                f"{name} names the database {owner['NAME']!r} and DATABASE_URL {of['NAME']!r}: one of both."
            )
        if not owner["USER"] or owner["USER"] == of["USER"]:
            raise BadSetting(
                f"{name} names {owner['USER'] or 'no user'}: expected the role that owns the tables, "
                "another one than that of DATABASE_URL, which must own nothing."
            )
        return {key: owner[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}

    def mail_server(self, name: str) -> MailServer | None:
        """
        Read an address such as smtp+tls://USER:PASSWORD@HOST:587; None if absent.

        As it holds a password it may also come from the file that `name`_FILE points to.
        """
        value, source = self._direct_or_from_file(name)
        if value is None:
            return None
        refusal = BadSetting(
            f"{source} is not a mail server: expected smtp+tls://USER:PASSWORD@HOST:587, or smtp+ssl://, or smtp://."
        )
        usual_ports = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
        try:
            parts = urlsplit(value)
            port = parts.port or usual_ports[parts.scheme]
        except (ValueError, KeyError):
            raise refusal from None
        if not parts.hostname:
            raise refusal
        return MailServer(
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            tls=parts.scheme == "smtp+tls",
            ssl=parts.scheme == "smtp+ssl",
        )


def _refuse(name: str, value: str, expected: str) -> NoReturn:
    raise BadSetting(f"{name} is {value!r}: expected {expected}.")


def _kept_secret(path: Path) -> str:
    """Read the secret kept at `path`, making it up first if there is none."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadSetting(
            f"Can't keep a secret in {path}: {_reason(error)}. "
            "Set LAUREL_DATA_DIR to a folder that can be written, with space left."
        ) from None


def _write_once(path: Path, content: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(content + "\n", encoding="ascii")
    try:
        # A link, not a rename: of two processes starting together the first one wins and both read its secret.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is not text"
