"""Who lives by the Skarrow."""

from __future__ import annotations

from dataclasses import dataclass

from forum.policy import Role


@dataclass(frozen=True)
class Resident:
    """One person of the demo; `joined` is in days before today."""

    username: str
    name: str
    role: Role
    joined: int
    about: str = ""


PEOPLE = (
    Resident("odile", "Odile Marchbanks", Role.ADMIN, 170, "Prints the Ferry Post, keeps the minutes, owns the hat."),
    Resident("fenwick", "Fenwick Abara", Role.MODERATOR, 169, "Reads what is reported, before the first boat."),
    Resident("mina", "Mina Tarrant", Role.AUTHOR, 168, "Writes about the town, and walks it to check."),
    Resident("josef", "Josef Calloway", Role.AUTHOR, 168, "Four thousand crossings. Runs the lending shed."),
    Resident(
        "bertram", "Bertram Oakes", Role.READER, 150, "Ferry engineer, retired. Wound the clock for nineteen years."
    ),
    Resident("agnes", "Agnes Doyle", Role.READER, 149, "On the eight o’clock boat since before the new engine."),
    Resident("hal", "Hal Sorensen", Role.READER, 141, "Bread from five. Cement by arrangement."),
    Resident("renske", "Renske Adeyemi", Role.READER, 119, "New on the Mill Side. One daughter, two cats."),
    Resident("tobias", "Tobias Quist", Role.READER, 97),
    Resident("maud", "Maud Ferreira", Role.READER, 88, "Surgery reception, and the dog is called Admiral."),
    Resident("priya", "Priya Lindqvist", Role.READER, 80, "Teaches the older half of sixty-three children."),
    Resident("cato", "Cato Brandvold", Role.READER, 61),
)
