"""Sign: an in-toto statement of the hashes of all files of a release, signed with a plain key."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import ModuleType

from flows.errors import UserError
from flows.release.layout import SIGNATURE
from flows.release.open_release import DamagedRelease, Release


class UnsignedRelease(UserError):
    """A release that has no signature, or none by the key that was named."""


def sign_release(folder: Path, private_key: Path) -> bool:
    """Sign a release with a private key of an elliptic curve, and tell whether that was needed.

    Signatures are random: one by the same key stays, so that the same release is the same bytes.
    Raises `NotARelease`, and `UserError` for a key that cannot be used.
    """
    release = Release.open(folder)
    release.require_intact()
    signing = _import_signing()
    try:
        with _write_public_key(private_key) as public_key:
            if _is_signed(folder, public_key):
                return False
        config = signing.signing.Config().use_elliptic_key_signer(private_key=private_key)
        config.set_hashing_config(_hashing(signing, folder)).sign(folder, folder / SIGNATURE)
    # Keys of other kinds and broken files raise whatever the packages below like to raise.
    except (ValueError, TypeError, OSError, AttributeError) as error:
        raise UserError(
            f"{private_key} cannot sign the release ({type(error).__name__}: {error}). Make a key "
            "with: openssl ecparam -name prime256v1 -genkey -noout -out private.pem"
        ) from None
    return True


@contextmanager
def _write_public_key(private_key: Path) -> Iterator[Path]:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  # of the extra

    key = serialization.load_pem_private_key(private_key.read_bytes(), password=None)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    with NamedTemporaryFile(prefix="open-papers-", suffix=".pub") as file:
        file.write(key.public_key().public_bytes(serialization.Encoding.PEM, form))
        # The verifier opens the file by its name, so the key has to leave the buffer first.
        file.flush()
        yield Path(file.name)


def verify_signature(folder: Path, public_key: Path, place: str | None = None) -> None:
    """Raise unless a release was signed by the owner of a key, and its files are those signed.

    ``place``: what a person calls the folder, where that is held open under another name. Raises
    `UnsignedRelease` without a signature by this key, `DamagedRelease` for other files.
    """
    if not (folder / SIGNATURE).is_file():
        raise UnsignedRelease(f"{place or folder} has no signature ({SIGNATURE}).")
    signing = _import_signing()
    try:
        config = signing.verifying.Config().use_elliptic_key_verifier(public_key=public_key)
        # Files that nobody signed are found by the manifest, which is signed.
        config.set_ignore_unsigned_files(ignore_unsigned_files=True)
        config.set_hashing_config(_hashing(signing, folder)).verify(folder, folder / SIGNATURE)
    except (ValueError, TypeError, OSError, AttributeError) as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        # The package raises the same errors for both: only its message tells damage from a key.
        kind = DamagedRelease if reason.startswith("Signature mismatch") else UnsignedRelease
        raise kind(
            f"{place or folder} is not what the owner of {public_key} signed: {reason}. Trust none "
            "of it, or name the key of who published it."
        ) from None


def _is_signed(folder: Path, public_key: Path) -> bool:
    try:
        verify_signature(folder, public_key)
    except UserError:
        return False
    return True


def _hashing(signing: ModuleType, folder: Path) -> object:
    config = signing.hashing.Config().set_ignored_paths(
        paths=[folder / SIGNATURE], ignore_git_paths=False
    )
    # The cache of the Hub's client holds links to the content of files.
    return config.set_allow_symlinks(allow_symlinks=True)


def _import_signing() -> ModuleType:
    try:
        import model_signing  # noqa: PLC0415  # an extra that few need
    except ImportError as error:
        raise UserError(
            f"Signatures need the package model-signing ({error}). Install it with: "
            "pip install --constraint constraints.txt '.[sign]'"
        ) from None
    return model_signing
