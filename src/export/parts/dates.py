# A date is (year, month, day, hour, minute, second), each None where it is unknown.
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]

_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

_ITEM = re.compile("[0-9]+|[aApP][.][mM][.]?|[A-Za-z]+|[ \\t]+|[\\xa0\\u202f@/.,:_'#+-]")

# The kinds of items, one character each: numbers by how many digits they have, M D month and weekday, H AM or PM, T Z W,
# F words without meaning, A at, O letters of ordinals, space, and marks as themselves.
_WORDS = {"am": "H", "pm": "H", "t": "T", "z": "Z", "utc": "Z", "gmt": "Z", "w": "W", "wk": "W", "week": "W", "of": "F", "the": "F",
          "in": "F", "at": "A", "on": "A", "st": "O", "nd": "O", "rd": "O", "th": "O"}

def _items(s):
    s = s.strip(_WHITE)
    if len(s.encode()) > 40 or not re.search("[0-9]", s):
        return None
    kinds, values, at = "", [], 0
    while at < len(s):
        m = _ITEM.match(s, at)
        if not m:
            return None
        at, word = m.end(), m[0].lower()
        value = None
        if word[0] in "0123456789":
            if len(word) > 14:
                return None
            kind, value = "0123456789abcde"[len(word)], int(word)
        elif word[0] in " \t\xa0\u202f":
            kind = " "
        elif word == "@":
            kind = "A"
        elif not "a" <= word[0] <= "z":
            kind = word
        else:
            found = _named_item(word)
            if found is None:
                return None
            kind, value = found
        kinds += kind
        values.append(value)
    return (kinds, values) if len(kinds) <= 24 else None

def _named_item(word):
    if "." in word:
        return ("H", word[0] == "p")
    if word in _WORDS:
        return (_WORDS[word], word == "pm")
    word = {"sept": "sep", "tues": "tue", "weds": "wed", "thur": "thu", "thurs": "thu"}.get(word, word)
    for kind, names in (("M", _MONTHS), ("D", _WEEKDAYS)):
        for i, name in enumerate(names):
            if word in (name.lower(), name[:3].lower()):
                return (kind, i + 1)
    return None

def _time(h, m, s, half):
    if half and h < 12:
        h += 12
    elif half is False and h == 12:
        h = 0
    elif half is False and h > 12:
        return None
    return (h, m, s) if h < 24 and m < 60 and (s is None or s < 60) else None

def _bare_time(v, n, half):
    if n <= 2:
        return _time(v, 0, None, half)
    if n <= 4:
        return _time(v // 100, v % 100, None, half)
    return _time(v // 10000, v // 100 % 100, v % 100, half) if n == 6 else None

def _half_and_zone(kinds, values, halves, exact):
    m = re.match(" ?H", kinds) if halves else None
    used = m.end() if m else 0
    half = values[used - 1] if m else None
    rest, v = kinds[used:], values[used:]
    m = re.match(" ?Z", rest)
    if not m and exact:
        v = v[1:] if rest[:1] == " " else v
        m = re.match(" ?[+-]2:2", rest)
        m = m if m and v[1] <= 14 and v[3] < 60 else re.match(" ?[+-]4", rest) or re.match(" ?[+]2", rest)
        # The offset is at most 14 hours, whatever of it is written.
        if m and (v[1] > 1400 or v[1] % 100 > 59 if m[0][-1] == "4" else v[1] > 14):
            m = None
    return (used + (m.end() if m else 0), half)

# The time that begins at an item: its end and value, None if there is none; the value is None where it is no time of day.
def _time_at(kinds, values, i):
    n = "0123456789abcde".find(kinds[i])
    if n < 0 or n == 14 and len(kinds) == 1:
        return None
    h, rest, after = values[i], kinds[i + 1:], values[i + 1:]
    after_t = i > 0 and kinds[i - 1] == "T"
    if after_t and n in (4, 6):
        used, _ = _half_and_zone(rest, after, False, True)
        return (i + 1 + used, _bare_time(h, n, None))
    if n > 2:
        return None
    m = re.match("(:[12]:[12][.,][0-9a-e])|(:[12]:[12])|(:2)|([.]2)(?= ?H)|()(?= ?H)", rest)
    if not m:
        return None
    used, minute, second = m.end(), 0, None
    if used:
        minute = after[1]
    if used > 2:
        second = after[3]
    more, half = _half_and_zone(rest[used:], after[used:], True, second is not None or after_t)
    return (i + 1 + used + more, _time(h, minute, second, half))

# Takes the time out: it, and the items around it.
def _split_time(kinds, values):
    for i in range(len(kinds)):
        found = _time_at(kinds, values, i)
        if found:
            break
    else:
        return (None, kinds, values)
    end, time = found
    if time is None:
        return None
    before, after = kinds[:i], kinds[end:]
    m = re.search("T$|(?<=4):$| - $|(?: ?[A,])? $| ?[A,]$", before)
    if before == "T":
        before = ""
    elif m and m.start() > 0:
        before = before[:m.start()]
    m = re.match(", | - | A | |,", after)
    if m and m.end() < len(after):
        after = after[m.end():]
    rest = values[:len(before)] + ([None] if before and after else []) + values[len(values) - len(after):]
    return (time, before + (" " if before and after else "") + after, rest)

def _stamp(year, month, day):
    if year is None and day is None or year is not None and not 1 <= year <= 9999:
        return None
    try:
        datetime.date(2000 if year is None else year, month, 1 if day is None else day)
    except ValueError:
        return None
    return (year, month, day, None, None, None)

def _civil(d):
    return None if None in d[:3] else datetime.date(*d[:3])

def _of_civil(make):
    try:
        d = make()
    except (ValueError, OverflowError):
        return None
    return (d.year, d.month, d.day, None, None, None)

def _year(y, n):
    return y + (1900 if y >= 70 else 2000) if n == "2" else y

# The parts of a date, with ordinals as letters from i on, and the gap before each: whether there is space, the mark, how often.
def _row(kinds, values):
    parts, found, gaps, gap, last = "", [], [], (False, "", 0), ""
    for kind, value in zip(kinds, values):
        if kind == "O":
            if not parts or last not in "123456789abcde" or last == "":
                return None
            parts = parts[:-1] + {"1": "i", "2": "j", "4": "l"}.get(last, "x")
            last = ""
            continue
        last = kind
        if kind in " F":
            gap = (parts != "", gap[1], gap[2])
        elif kind in "HTZA":
            return None
        elif kind in "-/.,:_'#+":
            if gap[2] > 1 or gap[2] == 1 and gap[1] != kind:
                return None
            gap = (gap[0], kind, gap[2] + 1)
        else:
            parts += kind
            found.append(value)
            gaps.append(gap)
            gap = (False, "", 0)
    return (parts, found, gaps) if gap == (False, "", 0) else None

def _date_of(kinds, values, dmy):
    none = (False, "", 0)
    row = _row(kinds, values)
    if row is None:
        return None
    parts, v, gaps = row
    if re.fullmatch("D[1i]M[4l]", parts) and gaps[1][1] == "#":
        return _nth_weekday(v[3], v[2], v[0], v[1], gaps)
    if re.fullmatch("iDM[4l]", parts):
        return _nth_weekday(v[3], v[2], v[1], v[0], gaps)
    if re.fullmatch("M[4l]D[1i]", parts):
        return _nth_weekday(v[1], v[0], v[2], v[3], gaps)
    weekday = None
    if parts[:1] == "D" and gaps[0] == none:
        weekday, parts, v, gaps = v[0], parts[1:], v[1:], gaps[1:]
    elif parts[-1:] == "D":
        weekday, parts, v, gaps = v[-1], parts[:-1], v[:-1], gaps[:-1]
    lead = gaps[0] if gaps else none
    if weekday is None and lead != none or lead[1] not in ("", ",", ".", "-", "/"):
        return None
    gaps = gaps[1:]
    if "W" in parts:
        return _week(parts, v, gaps, weekday)
    found = _with_month(parts, v, gaps) if "M" in parts else _in_numbers(parts, v, gaps, dmy)
    if found is None or weekday is None:
        return found
    civil = _civil(found)
    if civil is None:
        return None if found[2] is None else found
    return found if civil.isoweekday() == weekday else None

def _nth_weekday(y, m, w, n, gaps):
    rest = gaps[2:] if gaps[1][1] == "#" else gaps[1:]
    if gaps[0] != (False, "", 0) or any(g[1] not in ("", ",") for g in rest) or not 1 <= n <= 5:
        return None
    first = _stamp(y, m, 1)
    if first is None:
        return None
    day = (w - _civil(first).isoweekday()) % 7 + 7 * n - 6
    return _stamp(y, m, day)

def _week(parts, v, gaps, weekday):
    if re.fullmatch("[4l]W[12ij]", parts) and weekday:
        y, w, d = v[0], v[2], weekday
    elif re.fullmatch("[4l]W[2j][1i]", parts) and not weekday:
        y, w, d = v[0], v[2], v[3]
    elif re.fullmatch("W[12ij][4l]", parts) and weekday:
        y, w, d = v[2], v[1], weekday
    else:
        return None
    if any(g[1] not in ("", "-", ",") for g in gaps):
        return None
    return _of_civil(lambda: datetime.date.fromisocalendar(y, w, d))

def _with_month(parts, v, gaps):
    if any(g[1] not in ("", ",", ".", "-", "/", "_", "'") for g in gaps):
        return None
    if parts == "4M":
        return _stamp(v[0], v[1], None)
    if parts == "M4":
        return _stamp(v[1], v[0], None)
    if parts == "M2" and (v[1] > 31 or gaps[0][1] == "'"):
        return _stamp(_year(v[1], "2"), v[0], None)
    if re.fullmatch("M[12ij]", parts):
        return _stamp(None, v[0], v[1])
    if re.fullmatch("[12ij]M", parts):
        return _stamp(None, v[1], v[0])
    if re.fullmatch("4M[12ij]", parts) or re.fullmatch("2M[12ij]", parts) and v[0] > 31:
        return _stamp(_year(v[0], parts[0]), v[1], v[2])
    if re.fullmatch("[12ij]M[24]", parts):
        return _stamp(_year(v[2], parts[2]), v[1], v[0])
    if re.fullmatch("M[12ij][24]", parts):
        return _stamp(_year(v[2], parts[2]), v[0], v[1])
    return None

def _in_order(a, b, y, dmy):
    m, d = (b, a) if dmy else (a, b)
    return _stamp(y, d, m) if m > 12 and d <= 12 else _stamp(y, m, d)

def _day_of_year(y, n):
    found = _of_civil(lambda: datetime.date(y, 1, 1) + datetime.timedelta(n - 1))
    return found if found and found[0] == y else None

def _in_numbers(parts, v, gaps, dmy):
    mark = gaps[0][1] if gaps else ""
    if any(g[1:] != gaps[0][1:] for g in gaps):
        return None
    if parts == "8":
        n = v[0]
        found = _stamp(n // 10000, n // 100 % 100, n % 100) if n >= 10000000 else None
        return found or _in_order(n // 1000000, n // 10000 % 100, n % 10000, dmy)
    if parts == "7" and v[0] % 10000 >= 1000:
        return _in_order(v[0] // 1000000, v[0] // 10000 % 100, v[0] % 10000, dmy)
    if re.fullmatch("4[123]", parts) and mark == "" or parts == "43" and mark == "-":
        return _day_of_year(v[0], v[1])
    if parts == "34" and mark == "":
        return _day_of_year(v[1], v[0])
    if mark not in ("", "-", "/", ".", "_"):
        return None
    if re.fullmatch("4[12]", parts) and mark in ("-", "/", "_"):
        return _stamp(v[0], v[1], None)
    if re.fullmatch("[12]4", parts) and mark in ("-", "/", "_"):
        return _stamp(v[1], v[0], None)
    if re.fullmatch("[12][12]", parts) and mark == "/":
        return _in_order(v[0], v[1], None, dmy)
    if re.fullmatch("4[12][12]", parts) or re.fullmatch("2[12][12]", parts) and v[0] > 31:
        return _stamp(_year(v[0], parts[0]), v[1], v[2])
    if re.fullmatch("[12][12][24]", parts):
        return _in_order(v[0], v[1], _year(v[2], parts[2]), dmy)
    return None

def _read_stamp(items, dmy):
    kinds, values = items
    if kinds == "e":
        d, t = divmod(values[0], 1000000)
        found, time = _stamp(d // 10000, d // 100 % 100, d % 100), _bare_time(t, 6, None)
        return found[:3] + time if found and time else None
    split = _split_time(kinds, values)
    if split is None:
        return None
    time, kinds, values = split
    if not kinds:
        return (None, None, None) + time if time else None
    found = _date_of(kinds, values, dmy)
    return found[:3] + time if found and time else found

def _date(s, order):
    if order not in ("mdy", "dmy"):
        raise Fail("`order` must be \"mdy\" or \"dmy\", not %r" % order)
    items = _items(s)
    found = _read_stamp(items, order == "dmy") if items else None
    if found is None:
        raise Fail("cannot read %r as date" % s)
    return found

def _clock(s):
    kinds, values = _items(s) or ("", [])
    time, n = None, "0123456789abcde".find(kinds[:1] or "x")
    if n > 0 and (len(kinds) == 1 or kinds[1:] in ("H", " H")):
        time = _bare_time(values[0], n, None if len(kinds) == 1 else values[-1])
    elif kinds:
        split = _split_time(kinds, values)
        time = split[0] if split and not split[1] else None
    if time is None:
        raise Fail("cannot read %r as a time of day" % s)
    return (None, None, None) + time

def _known(d, i):
    if d[i] is None:
        raise Fail("the %s of the date is unknown" % ("year", "month", "day", "hour", "minute", "second")[i])
    return d[i]

def _add_days(d, n):
    civil = _civil(d)
    if civil is None:
        raise Fail("a date that is not known in full cannot be moved")
    moved = _of_civil(lambda: civil + datetime.timedelta(n)) if abs(n) <= 4000000 else None
    if moved is None:
        raise Fail("the date moved so far is outside the years 1 to 9999")
    return moved[:3] + d[3:]

def _seconds(d):
    return 3600 * _known(d, 3) + 60 * d[4] + (d[5] or 0)

def _set_time(d, seconds):
    days, now = divmod(seconds, 86400)
    if days != 0 and d[1] is not None:
        d = _add_days(d, days)
    return d[:3] + (now // 3600, now // 60 % 60, None if d[5] is None else now % 60)

def _add_minutes(d, n):
    return _set_time(d, _int(_seconds(d) + _int(60 * n)))

def _step_time(d, minutes, mode):
    if not 1 <= minutes <= 1440:
        raise Fail("`minutes` must be from 1 to 1440, but it is %d" % minutes)
    now = _seconds(d)
    below = now - now % (60 * minutes)
    above = now if below == now else min(below + 60 * minutes, 86400)
    return _set_time(d, above if mode > 0 or mode == 0 and now - below >= above - now else below)

def _directive(d, c):
    if c in ("%", "n", "t"):
        return {"%": "%", "n": "\n", "t": "\t"}[c]
    if c in "FDTR":
        return _format_date(d, {"F": "%Y-%m-%d", "D": "%m/%d/%y", "T": "%H:%M:%S", "R": "%H:%M"}[c])
    if c in "AajVG":
        day = datetime.date(_known(d, 0), _known(d, 1), _known(d, 2))
        if c in "Aa":
            return _WEEKDAYS[day.weekday()][:None if c == "A" else 3]
        if c == "j":
            return "%03d" % day.timetuple().tm_yday
        year, week, _ = day.isocalendar()
        return "%04d" % year if c == "G" else "%02d" % week
    if c in "Bbhq":
        month = _known(d, 1)
        return str((month - 1) // 3 + 1) if c == "q" else _MONTHS[month - 1][:None if c == "B" else 3]
    if c in "IpP":
        hour = _known(d, 3)
        half = "AM" if hour < 12 else "PM"
        return "%02d" % (hour % 12 or 12) if c == "I" else half if c == "p" else half.lower()
    if c == "y":
        return "%02d" % (_known(d, 0) % 100)
    if c == "Y":
        return "%04d" % _known(d, 0)
    return "%02d" % _known(d, "mdHMS".index(c) + 1)

def _format_date(d, pattern):
    def write(m):
        if m[2] and not (m[1] and m[2] not in "mdHIMSjV"):
            text = _directive(d, m[2])
            return text.lstrip("0") or "0" if m[1] else text
        raise Fail("a date is not written by %r" % m[0])
    return re.sub("%(-?)([%ntFDTRAajVGBbhqIpPyYmdHMS]?)", write, pattern)
