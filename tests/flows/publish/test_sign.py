"""A release is signed with a plain key; the signature holds for its files and that key alone."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from flows.errors import UserError
from flows.operate.verify_release import verify_place
from flows.publish.sign import UnsignedRelease, sign_release, verify_signature
from flows.release import DamagedRelease, is_intact
from flows.release.layout import SIGNATURE
from tests.builders import written_release

pytest.importorskip("model_signing", reason="an extra: pip install '.[sign]'")


def make_key(folder: Path, name: str) -> tuple[Path, Path]:
    """Write a private key and its public one."""
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    return private, public


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    return make_key(tmp_path, "ada")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_release(tmp_path_factory.mktemp("signed") / "release")


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "release"))


def test_a_signed_release_is_verified_by_the_public_key(
    folder: Path, keys: tuple[Path, Path]
) -> None:
    assert sign_release(folder, keys[0])
    assert is_intact(folder)
    assert "signed by the owner" in verify_place(str(folder), folder, keys[1])


def test_a_release_that_is_signed_already_keeps_its_signature(
    folder: Path, keys: tuple[Path, Path]
) -> None:
    sign_release(folder, keys[0])
    before = (folder / SIGNATURE).read_bytes()
    assert not sign_release(folder, keys[0])
    assert (folder / SIGNATURE).read_bytes() == before


def test_another_key_verifies_nothing(folder: Path, keys: tuple[Path, Path]) -> None:
    sign_release(folder, keys[0])
    _, other = make_key(folder.parent, "eve")
    with pytest.raises(UnsignedRelease, match="Trust none of it"):
        verify_signature(folder, other)


def test_a_changed_file_is_not_what_was_signed(folder: Path, keys: tuple[Path, Path]) -> None:
    sign_release(folder, keys[0])
    (folder / "README.md").write_text("# Another card")
    with pytest.raises(DamagedRelease, match=r"README\.md"):
        verify_signature(folder, keys[1])


def test_an_unsigned_release_is_not_taken_for_a_signed_one(
    folder: Path, keys: tuple[Path, Path]
) -> None:
    with pytest.raises(UnsignedRelease, match="has no signature"):
        verify_place(str(folder), folder, keys[1])


def test_a_file_that_is_no_key_is_a_clear_error(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(UserError, match="cannot sign the release"):
        sign_release(folder, tmp_path / "key.pem")
