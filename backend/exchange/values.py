"""From a cell's text to the value that is kept: one reader for each meaning. Pure.

A reader gives the value, or raises BadValue with the key of its sentence (words of area `imports`, table `problem`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from backend.enrollment.rules import IdDocument, id_number_problem, normalised_id_number, normalised_name

EXCEL_BEGIN = date(1899, 12, 30)  # day 0 of the dates that spreadsheet programs keep as numbers


class BadValue(ValueError):
    """A cell that cannot be taken. `problem` is the key of its sentence."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


NARROW: dict[int, str | int] = {0x3000: " ", 0xA0: " ", **{full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)}}


def narrow(text: str) -> str:
    """Full-width digits, letters and signs to half width; no other character changes."""
    return text.strip() if text.isascii() else text.translate(NARROW).strip()


def read_number(text: str, most: int) -> str:
    """A student number: digits, letters and hyphens, nothing between them."""
    number = re.sub(r"\s+", "", narrow(text))
    if not re.fullmatch(r"[0-9A-Za-z\-_]{1,32}", number):
        raise BadValue("number")
    return number


def read_certificate(text: str, most: int) -> str:
    """A number of a diploma: digits only; whether its parts can be is asked by `certificate_number_problem`."""
    number = re.sub(r"\s+", "", narrow(text))
    if not re.fullmatch(r"[0-9]{17,18}", number):
        raise BadValue("certificate")
    return number


def read_name(text: str, most: int) -> str:
    name = normalised_name(unicodedata.normalize("NFC", text.replace("\u3000", " ").replace("\u00a0", " ")))
    if not name or len(name) > 60:
        raise BadValue("name_length")
    if re.search(r"[0-9?？�=@<>]", name) or any(unicodedata.category(sign).startswith("C") for sign in name):
        raise BadValue("name_characters")
    return name


def document_of(number: str) -> IdDocument:
    """The kind of document that a number looks like, where the file does not say it."""
    if re.fullmatch(r"[HM][0-9]{8,10}|[0-9]{8}", number):
        return IdDocument.PERMIT
    return IdDocument.PASSPORT if re.fullmatch(r"[A-Z]{1,2}[0-9]{5,9}", number) else IdDocument.RESIDENT


def read_id_number(text: str, most: int) -> str:
    """Characters only; whether it is whole depends on the document, see `number_problem`."""
    number = normalised_id_number(narrow(text))
    if not re.fullmatch(r"[0-9A-Z()\-]{5,24}", number):
        raise BadValue("id_characters")
    return number


def number_problem(number: str, document: IdDocument, today: date) -> str | None:
    """Why an ID number cannot be, as the key of its sentence."""
    problem = id_number_problem(document, number, today=today)
    return f"id_{problem}" if problem else None


DOCUMENTS = {
    "居民身份证": IdDocument.RESIDENT, "身份证": IdDocument.RESIDENT, "1": IdDocument.RESIDENT,
    "港澳台居民居住证": IdDocument.RESIDENT, "护照": IdDocument.PASSPORT,
    "港澳居民来往内地通行证": IdDocument.PERMIT, "台湾居民来往大陆通行证": IdDocument.PERMIT,
    "通行证": IdDocument.PERMIT, "其他": IdDocument.OTHER, "其它": IdDocument.OTHER,
}  # fmt: skip


def read_document(text: str, most: int) -> str:
    found = DOCUMENTS.get(narrow(text))
    if found is None:
        raise BadValue("document")
    return found.value


GENDERS = {"男": "male", "1": "male", "女": "female", "2": "female", "male": "male", "female": "female"}


def read_gender(text: str, most: int) -> str:
    found = GENDERS.get(re.sub(r"^[12][\-.、]?(?=男|女)|性$", "", narrow(text).lower()))
    if found is None:
        raise BadValue("gender")
    return found


def read_date(text: str, most: int) -> str:
    """2024-03-01, 2024/3/1, 2024.03.01, 20240301, 2024年3月, 202403, and the day numbers of spreadsheets."""
    plain = narrow(text).partition(" ")[0].partition("T")[0]
    if re.fullmatch(r"[2-6][0-9]{4}", plain):
        return (EXCEL_BEGIN + timedelta(days=int(plain))).isoformat()
    found = re.fullmatch(r"([0-9]{4})[-/.年]?([0-9]{1,2})(?:[-/.月]?([0-9]{1,2}))?[日月]?", plain)
    # 202403 is a month; 2024031 could be two days
    if found is None or (plain.isdigit() and len(plain) not in (6, 8)):
        raise BadValue("date")
    year, month, day = int(found[1]), int(found[2]), int(found[3] or 1)
    if plain.isdigit():
        month, day = int(plain[4:6]), int(plain[6:] or 1)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise BadValue("date") from None


def read_text(text: str, most: int) -> str:
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text.replace("\u3000", " "))).strip()
    if len(plain) > most:
        raise BadValue("too_long")
    if any(unicodedata.category(sign) == "Cc" for sign in plain) or "\ufffd" in plain:
        raise BadValue("characters")
    return plain


def read_years(text: str, most: int) -> str:
    """2.5, 2.50, 2.5年, 两年半 is not read: people mean different things by it."""
    found = re.fullmatch(r"([1-9])(?:\.([05])0*)?年?", narrow(text))
    if found is None:
        raise BadValue("years")
    return f"{found[1]}.5" if found[2] == "5" else found[1]


def read_phone(text: str, most: int) -> str:
    number = re.sub(r"^\+?86(?=1[0-9]{10}$)", "", re.sub(r"[\s\-]", "", narrow(text)))
    if not re.fullmatch(r"1[3-9][0-9]{9}", number):
        raise BadValue("phone")
    return number


def read_audit(text: str, most: int) -> str:
    """Has 学信网 the photo? "yes", "no", or "unknown" for a state that says nothing of it."""
    plain = narrow(text)
    if re.search(r"未通过|不通过|无照片|无毕业照|无图像|未采集|未上传|不符|失败|^无$|^否$|^N$|^0$", plain):
        return "no"
    if re.search(r"通过|已有|有照片|已采集|已上传|匹配成功|一致|^有$|^是$|^Y$|^1$", plain):
        return "yes"
    if re.search(r"待|未审核|处理中|审核中", plain):
        return "unknown"
    raise BadValue("audit")


NO_PHOTO_NOTE = re.compile(r"无.{0,4}(照片|图像|相片)")


def read_identity(text: str, most: int) -> str:
    """The mark of the identity review in the college's list; any other note of that column means none."""
    plain = narrow(text)
    for sign, meaning in (("未通过", "failed"), ("不确定", "uncertain"), ("异常", "abnormal")):
        if re.search(rf"(身份|核验|比对|复核).*{sign}|^{sign}$", plain):
            return meaning
    return ""


def read_receipt(text: str, most: int) -> str:
    """ "captured" or "rejected" by the capture unit."""
    plain = narrow(text)
    if re.search(r"不合格|驳回|退回|未通过|未采集|未拍|缺|失败|^否$", plain):
        return "rejected"
    if re.search(r"合格|通过|已采集|采集完成|已上传|已上报|已报送|已拍|成功|制作|^是$", plain):
        return "captured"
    raise BadValue("receipt")


# as = "..." in config/exchange.toml; the second argument is the longest text
READERS: dict[str, Callable[[str, int], str]] = {
    "number": read_number,
    "certificate": read_certificate,
    "name": read_name,
    "id_number": read_id_number,
    "document": read_document,
    "gender": read_gender,
    "date": read_date,
    "text": read_text,
    "years": read_years,
    "phone": read_phone,
    "audit": read_audit,
    "identity": read_identity,
    "receipt": read_receipt,
}
