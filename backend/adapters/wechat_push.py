"""What WeChat pushes to us in its safe mode (安全模式): sealed with AES, and our replies sealed for it.

Source: WeChat's public documentation of message encryption. AES-256-CBC, the key is Base64 of the EncodingAESKey,
the first 16 bytes of the key are the start; sealed are 16 random bytes, the length (4 bytes, big end first), the
message and the AppID, filled up to blocks of 32 bytes.
"""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

SALT, LENGTH, BLOCK = 16, 4, 32  # bytes


class NotSealed(ValueError):
    """Not sealed with our key, or not for our account."""


class PushSeal:
    """Opens and seals the messages of one official account. key: the EncodingAESKey, 43 letters and digits."""

    def __init__(self, *, key: str, appid: str) -> None:
        self._key, self._appid = base64.b64decode(key + "="), appid.encode()

    def open(self, sealed: str) -> bytes:
        """The message. sealed: as it stands in `Encrypt`. Raises NotSealed. Look at its signature before."""
        try:
            content = base64.b64decode(sealed, validate=True)
            decryptor = self._cipher().decryptor()
            padded = decryptor.update(content) + decryptor.finalize()
        except (binascii.Error, ValueError):
            raise NotSealed("not whole blocks") from None
        filled = padded[-1] if padded else 0
        if not 1 <= filled <= BLOCK or padded[-filled:] != bytes([filled]) * filled:
            raise NotSealed("another key")
        plain = padded[:-filled]
        begin = SALT + LENGTH
        end = begin + int.from_bytes(plain[SALT:begin], "big")
        if end > len(plain) or plain[end:] != self._appid:
            raise NotSealed("another account")
        return plain[begin:end]

    def seal(self, message: bytes) -> str:
        """The message for `Encrypt`; another text each time."""
        plain = secrets.token_bytes(SALT) + len(message).to_bytes(LENGTH, "big") + message + self._appid
        fill = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
