"""Writes fires.json: next fire times for 20 zones over five years, around every change of their clocks and at random moments.

Run it with `pip install croniter tzdata==2025.2` and `PYTHONTZPATH= python make_fires.py > fires.json`. The version of the zone database is the
one that chrono-tz carries; after an update of chrono-tz this may have to be raised with it.

It shares nothing with the code under test: which wall clock times match is said by croniter, asked about times without a zone, or by plain
enumeration of days; what moment such a time is comes from zoneinfo by the stated rule. croniter's own zone support is not asked, since it has
other rules: a time that the clock skips fires at the first moment after the gap, and a time that the clock shows twice fires once, at the
first of the two.
"""

import calendar
import json
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter

FIRST, LAST = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2031, 1, 1, tzinfo=timezone.utc)
ZONES = """America/New_York America/Los_Angeles America/St_Johns America/Havana America/Santiago America/Sao_Paulo America/Nuuk Europe/London
Europe/Prague Europe/Istanbul Africa/Cairo Africa/Casablanca Asia/Kolkata Asia/Jerusalem Asia/Beirut Australia/Adelaide Australia/Lord_Howe
Pacific/Auckland Pacific/Chatham Antarctica/Troll""".split()
AROUND = [-7200, -3600, -1801, -1, 0, 1, 1800, 3599, 3600, 7200]
RANDOM = 25


def days(start):
    day = start.replace(hour=0, minute=0, second=0)
    while True:
        yield day
        day += timedelta(days=1)


def daily(hour, minute):
    return lambda start: (day.replace(hour=hour, minute=minute) for day in days(start))


def weekly(weekday, hour, minute):
    return lambda start: (day.replace(hour=hour, minute=minute) for day in days(start) if day.weekday() == weekday)


def monthly(number, hour, minute):
    def times(start):
        for day in days(start):
            if day.day == min(number, calendar.monthrange(day.year, day.month)[1]):
                yield day.replace(hour=hour, minute=minute)

    return times


def hourly(minute):
    def times(start):
        hour = start.replace(minute=minute, second=0)
        while True:
            yield hour
            hour += timedelta(hours=1)

    return times


def cron(text):
    fields = text.split()
    # Ours has the seconds first, croniter last.
    theirs = " ".join(fields[1:] + fields[:1]) if len(fields) == 6 else text

    def times(start):
        found = croniter(theirs, start - timedelta(seconds=1))
        while True:
            yield found.get_next(datetime)

    return times


RULES = {
    "hourly 0": hourly(0),
    "hourly 30": hourly(30),
    "daily 00:00": daily(0, 0),
    "daily 01:30": daily(1, 30),
    "daily 02:30": daily(2, 30),
    "weekly sunday 02:30": weekly(6, 2, 30),
    "weekly friday 00:00": weekly(4, 0, 0),
    "monthly 31 02:00": monthly(31, 2, 0),
    "monthly 29 23:59": monthly(29, 23, 59),
    "cron */20 * * * *": cron("*/20 * * * *"),
    "cron 30 2 * * *": cron("30 2 * * *"),
    "cron 0 9 * * MON-FRI": cron("0 9 * * MON-FRI"),
    "cron 15 */10 0-3 * * *": cron("15 */10 0-3 * * *"),
    "cron 0 0 1,15 * 1": cron("0 0 1,15 * 1"),
}


def offset(zone, moment):
    return moment.astimezone(zone).utcoffset()


def moment_of(zone, wall):
    aware = wall.replace(tzinfo=zone, fold=0)
    moment = aware.astimezone(timezone.utc)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    low, high = moment - timedelta(hours=26), moment
    before = offset(zone, low)
    # Exactly one change lies between: that of the gap.
    low = max(low, moment - timedelta(hours=4))
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def next_fire(zone, times, after):
    wall = after.astimezone(zone).replace(tzinfo=None) - timedelta(hours=5)
    for candidate in times(wall):
        moment = moment_of(zone, candidate)
        if moment > after:
            return moment


def changes(zone):
    moment, found = FIRST, []
    while moment < LAST:
        later = moment + timedelta(hours=6)
        if offset(zone, moment) != offset(zone, later):
            low, high = moment, later
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                if offset(zone, middle) == offset(zone, moment):
                    low = middle
                else:
                    high = middle
            found.append(high)
        moment = later
    return found


def main():
    dice, out = random.Random(7), {}
    for name in ZONES:
        zone = ZoneInfo(name)
        probes = {int(change.timestamp()) + by for change in changes(zone) for by in AROUND}
        probes |= {dice.randrange(int(FIRST.timestamp()), int(LAST.timestamp())) for _ in range(RANDOM)}
        probes = sorted(probes)
        fires = {}
        for rule, times in RULES.items():
            at = [datetime.fromtimestamp(probe, timezone.utc) for probe in probes]
            fires[rule] = [int(next_fire(zone, times, moment).timestamp()) - probe for moment, probe in zip(at, probes)]
        # Differences, for the sake of size.
        out[name] = {"probes": [b - a for a, b in zip([0] + probes, probes)], "fires": fires}
        print(name, len(probes), file=sys.stderr)
    rows = (f"{json.dumps(name)}:{json.dumps(zone, separators=(',', ':'))}" for name, zone in out.items())
    print("{" + ",\n".join(rows) + "}")


main()
