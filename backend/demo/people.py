"""Invented people. Their ID numbers have the region code 99, which no region has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from backend.enrollment.rules import check_character

# sixty names; some long, some with rare characters or a dot, because real lists have them
NAMES = (
    "林小满", "陈嘉禾", "黄雨桐", "张一鸣", "吴思远", "李若溪", "王子衿", "郑知夏", "刘星野", "蔡明远",
    "许清和", "杨柳青", "苏念安", "郭晓棠", "叶知秋", "谢云舒", "曾子墨", "洪福来", "邱静宜", "廖凡星",
    "赖晓峰", "周牧之", "徐望舒", "朱砂红", "何以安", "庄晓梦", "江临风", "林间月", "陈满仓", "黄䶮",
    "单于飞", "仇英杰", "解语花", "区小宁", "曲径幽", "欧阳听雪", "上官云起", "司徒南风", "阿依努尔·买买提", "卓玛央金",
    "傅小年", "游弋", "詹望", "阮青竹", "卢沟月", "高山流", "方圆", "石敢当", "温如言", "白鹭洲",
    "马小跃", "沈未央", "韩江雪", "唐小糖", "冯虚御", "于是之", "董其然", "萧瑟瑟", "程门雪", "姚远",
)  # fmt: skip

PROGRAMMES = ("汉语言文学", "学前教育", "行政管理", "计算机科学与技术", "会计学", "法学")


@dataclass(frozen=True)
class Person:
    """One person of the roster; `serial` counts from 0."""

    serial: int
    name: str
    male: bool
    born: date

    @property
    def id_number(self) -> str:
        return invented_id_number(self.born, self.serial, male=self.male)

    @property
    def student_number(self) -> str:
        return f"F2024{self.serial + 1:05d}"

    @property
    def programme(self) -> str:
        return PROGRAMMES[self.serial % len(PROGRAMMES)]

    @property
    def level(self) -> str:
        return "高起专" if self.serial % 3 == 0 else "专升本"


PEOPLE = tuple(
    Person(n, name, male=n % 2 == 1, born=date(1985 + n % 17, 1 + n % 12, 1 + n % 28)) for n, name in enumerate(NAMES)
)


def invented_id_number(born: date, serial: int, *, male: bool) -> str:
    """A number with a right checksum that can belong to nobody.

    serial: 0..499, distinguishes people of one birthday; the 17th digit is odd for men, as in real numbers.
    """
    first17 = f"990101{born:%Y%m%d}{2 * serial + male:03d}"
    return first17 + check_character(first17)


def invented_certificate_number(serial: int) -> str:
    """18 digits of a school 99999 that does not exist: type 7 (网络教育), 2018, level 04."""
    return f"99999{7}2018{'04'}{serial:06d}"
