# A decimal is a whole number and how many of its digits stand after the point: at most 96 bits and 28 digits.
def _even(m, d):
    q, r = divmod(m, d)
    return q + (2 * r > d or (2 * r == d and q % 2 == 1))

def _away(m, d):
    q = (2 * abs(m) + d) // (2 * d)
    return -q if m < 0 else q

def _taken(digits, after):
    m, s, whole = 0, 0, len(digits) - after
    for i, c in enumerate(digits):
        n = 10 * m + int(c)
        if i >= whole and s == 28 or n >> 96:
            m += c >= "5"
            if m >> 96:
                m, s = (m + 4) // 10, s - 1
            return (m, s) if i >= whole and s >= 0 else None
        m, s = n, s + (i >= whole)
    return (m, s)

def _scaled(d, power):
    if d is None or d[0] == 0:
        return d
    (m, s), power = d, max(-64, min(64, power))
    if power > 0:
        m, s = m * 10 ** max(power - s, 0), max(s - power, 0)
        return None if m >> 96 else (m, s)
    while power < 0:
        step = min(18, -power)
        s, power = s + step, power + step
        if s > 28:
            m, s = _even(m, 10 ** (s - 28)), 28
    return (m, s)

_AMOUNT = re.compile("([+-]?|[(])([0-9]*|[0-9]{1,3}(?:,[0-9]{3})+)(?:[.]([0-9]*))?(?:[eE]([+-]?[0-9]{1,4}))?[)]?")

def _read_amount(s):
    t = s.strip(_WHITE)
    m = _AMOUNT.fullmatch(t)
    d = None
    if m and len(t) <= 64 and (m[1] == "(") == t.endswith(")"):
        digits, after = m[2].replace(",", "") + (m[3] or ""), len(m[3] or "")
        d = _scaled(_taken(digits, after), int(m[4] or 0)) if digits else None
    if d is None:
        raise Fail("cannot read %r as num" % s)
    return _near(-d[0] if m[1] in ("-", "(") else d[0], d[1])

def _near(m, s):
    return float("%de-%d" % (m, s))

def _decimal(x):
    d = None
    if math.isfinite(x):
        t = decimal.Decimal(_shortest(abs(x))).as_tuple()
        digits = "".join(map(str, t.digits)).rstrip("0") or "0"
        # As with one digit before the point and a power of ten.
        d = _scaled(_taken(digits, len(digits) - 1), len(t.digits) + t.exponent - 1)
    if d is None:
        raise Fail("%s has no decimal form of 28 digits" % x)
    return (-d[0] if x < 0 else d[0], d[1])

def _round_to(x, step, mode):
    if not step > 0:
        raise Fail("a step must be greater than 0, but it is %s" % step)
    (m, s), (n, t) = _decimal(x), _decimal(step)
    if n == 0:
        raise Fail("%s in steps of %s is out of range" % (x, step))
    scale = max(s, t)
    m, n = m * 10 ** (scale - s), n * 10 ** (scale - t)
    over = m % n
    up = over > 0 and (mode > 0 or mode == 0 and (2 * over > n or 2 * over == n and m > 0))
    m += n - over if up else -over
    if abs(m) >> 96 and abs(m) // 10 ** scale >> 96:
        raise Fail("%s in steps of %s is out of range" % (x, step))
    return _near(m, scale)

def _format_num(x, decimals, width, group, point, least):
    for n in (0 if decimals == -1 else decimals, width, least):
        if not 0 <= n <= 100:
            raise Fail("digits must be from 0 to 100, not %d" % n)
    m, s = _decimal(x)
    if decimals == -1:
        while s and m % 10 == 0:
            m, s = m // 10, s - 1
    else:
        least, keep = decimals, min(decimals, 28)
        if s > keep:
            m, s = _away(m, 10 ** (s - keep)), keep
    digits = str(abs(m)).zfill(s + 1)
    whole, rest = digits[:len(digits) - s].zfill(width), digits[len(digits) - s:]
    first = len(whole) % 3 or 3
    whole = group.join([whole[:first]] + [whole[i:i + 3] for i in range(first, len(whole), 3)])
    return ("-" if m < 0 else "") + whole + (point + rest.ljust(least, "0") if rest or least else "")
