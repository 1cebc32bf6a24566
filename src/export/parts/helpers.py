class Fail(Exception):
    """What the program would not do."""

_WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

_NUMBER = re.compile("[0-9]+")

_WORD = re.compile("[A-Za-z]+")

_ALPHANUM = re.compile("[A-Za-z0-9]+")

_ALL_CAPS = re.compile("[A-Z]+")

_PROP_CASE = re.compile("[A-Z][a-z]+")

_LOWER = re.compile("[a-z]+")

_DIGIT = re.compile("[0-9]")

_CHAR = re.compile("[A-Za-z0-9&,.?!@()\\[\\]%{}/:;$#\"' ]")

_FIELD = re.compile("[^ \t-\r]+")

_SPACE = re.compile("[ \t-\r]+")

_DECIMAL = re.compile("[0-9]+(?:[.,][0-9]+)*")

_LETTERS = re.compile("[@LETTERS@]+")

_CAPITAL = re.compile("[A-Z]")

def _int(x):
    if -(2**63) <= x < 2**63:
        return x
    raise Fail("integer overflow")

def _idiv(a, b):
    if b == 0:
        raise Fail("division by zero")
    return _int(a // b)

def _imod(a, b):
    if b == 0:
        raise Fail("division by zero")
    return a % b

def _ipow(a, b):
    if b < 0 or (b > 63 and a not in (-1, 0, 1)):
        raise Fail("integer overflow")
    return _int(a ** (b if b < 64 else b % 2 + 2))

def _div(a, b):
    if b != 0.0:
        return a / b
    if a != a or a == 0.0:
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)

def _mod(a, b):
    if b == 0.0 or a != a or b != b or math.isinf(a):
        return math.nan
    r = math.fmod(a, b)
    return r + b if r != 0.0 and (r < 0.0) != (b < 0.0) else r

def _nmin(a, b):
    return b if a != a else a if b != b else min(a, b)

def _nmax(a, b):
    return b if a != a else a if b != b else max(a, b)

def _clamp(x, lo, hi):
    if lo > hi:
        raise Fail("the bounds are crossed")
    return min(max(x, lo), hi)

def _nclamp(x, lo, hi):
    if lo > hi:
        raise Fail("the bounds are crossed")
    return _nmin(_nmax(x, lo), hi)

def _whole(x):
    if -(2.0**63) <= x < 2.0**63:
        return int(x)
    raise Fail("the number does not fit an int")

def _floor(x):
    return _whole(math.floor(x) if math.isfinite(x) else x)

def _ceil(x):
    return _whole(math.ceil(x) if math.isfinite(x) else x)

def _round(x):
    if not math.isfinite(x):
        return _whole(x)
    f = math.floor(abs(x))
    return _whole(math.copysign(f + 1 if abs(x) - f >= 0.5 else f, x))

# The fewest digits; where two such texts are equally near, the one further from 0: `repr` takes the even one.
def _shortest(x):
    text = repr(x)
    if not math.isfinite(x):
        return text
    t = decimal.Decimal(text).as_tuple()
    if decimal.Decimal((t.sign, t.digits + (5,), t.exponent - 1)) != decimal.Decimal(x):
        return text
    digits, mark, power = text.partition("e")
    return digits[:-1] + str(int(digits[-1]) + 1) + mark + power

def _num_text(x):
    return _shortest(x).replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")

def _read_int(s):
    s = s.strip(_WHITE)
    if not re.fullmatch("[+-]?[0-9]+", s):
        raise Fail("cannot read %r as int" % s)
    return _int(int(s))

def _read_num(s):
    s = s.strip(_WHITE)
    if not re.fullmatch("(?i:[+-]?(?:inf|infinity|nan|(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:e[+-]?[0-9]+)?))", s, re.ASCII):
        raise Fail("cannot read %r as num" % s)
    return float(s)

def _error(message):
    raise Fail(message)

def _assert(holds, message):
    if not holds:
        raise Fail(message or "an assertion does not hold")

def _at(xs, i):
    if not 0 <= i < len(xs):
        raise Fail("index %d is out of range" % i)
    return xs[i]

def _slice(xs, r):
    if not 0 <= r[0] <= r[1] <= len(xs):
        raise Fail("the range %d..%d is out of range" % r)
    return xs[r[0]:r[1]]

def _count(n):
    if n < 0:
        raise Fail("a number of things cannot be negative")
    return n

def _one(c):
    if len(c) != 1:
        raise Fail("a single character is wanted, not %r" % c)
    return c

def _split(s, sep):
    if sep == "":
        raise Fail("cannot split by an empty text")
    return s.split(sep)

def _lines(s):
    parts = s.split("\n")
    last = parts.pop()
    parts = [p[:-1] if p.endswith("\r") else p for p in parts]
    return parts + [last] if last else parts

def _words(s):
    return [w for w in re.split("[" + _WHITE + "]+", s) if w]

def _pad_left(s, width, fill):
    return _one(fill) * (_count(width) - len(s)) + s

def _pad_right(s, width, fill):
    return s + _one(fill) * (_count(width) - len(s))

def _from_code(code):
    if not 0 <= code < 0x110000 or 0xD800 <= code < 0xE000:
        raise Fail("there is no character with the code %d" % code)
    return chr(code)

def _item(xs, i):
    if not xs:
        raise Fail("an empty list has no items")
    return xs[i]

def _index(xs, x):
    return xs.index(x) if x in xs else -1

def _unique(xs):
    kept = []
    for x in xs:
        if x not in kept:
            kept.append(x)
    return kept

def _spans(s, r):
    if not isinstance(r, str):
        return [m.span() for m in r.finditer(s)]
    found, at = [], s.find(r) if r else -1
    while at >= 0:
        found.append((at, at + len(r)))
        at = s.find(r, at + len(r))
    return found

def _nth(found, i):
    j = i - 1 if i > 0 else len(found) + i
    return found[j] if 0 <= j < len(found) else None

def _sub_str(s, k1, k2):
    n = len(s)
    p1, p2 = (k - 1 if k > 0 else n + k for k in (k1, k2))
    if p1 >= p2:
        return ""
    def clip(p):
        return max(p + n, 0) if p < 0 else min(p, n)
    return s[clip(p1):n if p2 == n else clip(p2 + 1)]

def _get_token(s, t, i):
    m = _nth(_spans(s, t), i)
    return s[m[0]:m[1]] if m else ""

def _get_upto(s, r):
    found = _spans(s, r)
    return s[:found[0][1]] if found else ""

def _get_from(s, r):
    found = _spans(s, r)
    return s[found[0][1]:] if found else ""

def _get_span(s, r1, i1, b1, r2, i2, b2):
    def edge(r, i, b):
        found = _spans(s, r)
        m = _nth(found, i)
        if m:
            return m[b]
        return None if not found else 0 if i < 0 else min(len(found) - 1, len(s))
    a, b = edge(r1, i1, b1), edge(r2, i2, b2)
    return "" if a is None or b is None or a >= b else s[a:b]

def _get_span_strict(s, r1, i1, b1, r2, i2, b2):
    m1 = _nth(_spans(s, r1), i1) if i1 else None
    m2 = _nth(_spans(s, r2), i2) if i2 else None
    return s[m1[b1]:m2[b2]] if m1 and m2 and m1[b1] < m2[b2] else ""

def _get_first(s, t, i):
    found = [s[a:b] for a, b in _spans(s, t)]
    return "".join(found[:i] if i >= 0 else found[:max(len(found) + i, 0)])

def _get_all(s, t):
    return "".join(s[a:b] for a, b in _spans(s, t))

def _proper(s):
    return s[:1].upper() + s[1:].lower()

def _to_case(s, c):
    return c(s)

def _replace(s, d1, d2):
    return s.replace(d1, d2) if d1 else s

def _substitute(s, t, i, c):
    m = _nth(_spans(s, t), i)
    return s.replace(s[m[0]:m[1]], c, 1) if m else s

def _substitute_all(s, t, c):
    now = s
    for a, b in _spans(s, t):
        now = now.replace(s[a:b], c, 1)
    return now

def _substitute_match(s, t, i, c):
    m = _nth(_spans(s, t), i) if i else None
    return s[:m[0]] + c + s[m[1]:] if m else s

def _title_case(s):
    out, inside = [], False
    for c in s:
        letter = _LETTERS.match(c) is not None
        out.append((c.lower() if inside else c.upper()) if letter else c)
        inside = letter
    return "".join(out)

def _distance(k, end):
    if not 0 <= k < 2**32:
        raise Fail("a distance from an end of the text cannot be %d" % k)
    return (None, k, end)

def _match(r, i, b):
    if r == "":
        raise Fail("an empty text is everywhere and marks no edge")
    if i == 0 or not -(2**31) < i < 2**31:
        raise Fail("matches count from 1, or from the end when negative")
    return (r, i, b)

def _find(s, edge):
    r, i, b = edge
    if r is None:
        if i > len(s):
            raise Fail("%r is too short" % s)
        return len(s) - i if b else i
    m = _nth(_spans(s, r), i)
    if m is None:
        raise Fail("%r has not the edge that is wanted" % s)
    return m[b]

def _cut(s, start, end):
    a, b = _find(s, start), _find(s, end)
    if a > b:
        raise Fail("the edges cross in %r" % s)
    return s[a:b]

def _cut_or(s, start, end, other):
    try:
        return _cut(s, start, end)
    except Fail:
        return other

def _match_of(s, r, i):
    m = _nth(_spans(s, r), i)
    if m is None:
        raise Fail("%r has not the match that is wanted" % s)
    return s[m[0]:m[1]]

def _field(s, sep, i):
    found = _spans(s, sep)
    starts, ends = [0] + [b for _, b in found], [a for a, _ in found] + [len(s)]
    m = _nth(list(zip(starts, ends)), i)
    if m is None:
        raise Fail("%r has not the field that is wanted" % s)
    return s[m[0]:m[1]]

def _lookup(s, table):
    for key, value in table:
        if key == s:
            return value
    raise Fail("the table has nothing for %r" % s)

def _swap_case(s):
    return "".join(c.lower() if c.isupper() else c.upper() for c in s)

def _chunks(s, n):
    if n < 1:
        raise Fail("the pieces of a text have 1 character or more")
    return [s[i:i + n] for i in range(0, len(s), n)]
