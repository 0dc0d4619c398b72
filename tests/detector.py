"""What the detector's tests share: today's rules, compiled once, and files made on the spot."""

import hashlib
import struct
from functools import cache
from pathlib import Path

from pipeline.detect.files.inspection import Inspector
from pipeline.detect.rules.ruleset import Ruleset, read_rules
from pipeline.detect.text.mentions import MentionFinder, finder_of
from pipeline.settings import PROJECT_ROOT

REFERENCE = PROJECT_ROOT / "data" / "reference"
SNIPPETS = Path(__file__).parent / "detector_snippets"
_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


@cache
def rules() -> Ruleset:
    return read_rules(REFERENCE)


def finder() -> MentionFinder:
    return finder_of(rules())


@cache
def inspector() -> Inspector:
    return Inspector(rules())


def pdf(pages: list[list[str]], password: str | None = None, made: str | None = None) -> bytes:
    """A PDF of text lines; with a password, encrypted as PDF 1.4 does (RC4, 40 bits)."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, lines in enumerate(pages):
        text = "BT /F1 12 Tf 72 720 Td 14 TL " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        bodies.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream".encode())
    trailer = b""
    if made is not None:
        bodies.append(f"<< /CreationDate ({made}) >>".encode())
        trailer = f"/Info {len(bodies)} 0 R ".encode()
    if password is not None:
        bodies.append(_encryption(password))
        trailer += f"/Encrypt {len(bodies)} 0 R /ID [<{'00' * 16}> <{'00' * 16}>]".encode()
    return _file(bodies, trailer)


def pdf_of_images(pages_count: int) -> bytes:
    """A PDF whose pages hold drawings and no text."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(pages_count))
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages_count} >>".encode(),
    ]
    for number in range(pages_count):
        drawing = b"0 0 1 rg 100 100 200 200 re f"
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {4 + 2 * number} 0 R >>".encode()
        )
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
    return _file(bodies, b"")


def _file(bodies: list[bytes], trailer: bytes) -> bytes:
    content, starts = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(bodies, start=1):
        starts.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    count = len(bodies) + 1
    end = b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (count, trailer, len(content))
    return bytes(content) + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + end


def _encryption(password: str) -> bytes:
    padded = (password.encode() + _PAD)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + struct.pack("<i", -4) + bytes(16)).digest()[:5]
    user = _rc4(key, _PAD)
    return f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{owner.hex()}> /U <{user.hex()}> >>".encode()


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def pdf_of_a_form_within_itself() -> bytes:
    """A PDF of some hundred bytes whose one drawing draws itself, twice at each turn."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R /Resources << /XObject << /F 4 0 R >> >> >>"
    )
    drawing, within = b"/F Do", b"/F Do /F Do"
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 4 0 R >> >> /Length %d >>"
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        (form % len(within)) + b"\nstream\n" + within + b"\nendstream",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
    ]
    return _file(bodies, b"")
