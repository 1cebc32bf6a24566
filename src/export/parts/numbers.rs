/// A decimal: a whole number of at most 96 bits, and how many of its digits stand after the point, at most 28.
fn taken(digits: &[u8], after: usize) -> Option<(i128, u32)> {
    let (mut m, mut s) = (0i128, 0);
    for (i, c) in digits.iter().enumerate() {
        let (n, point) = (10 * m + i128::from(c - b'0'), i + after >= digits.len());
        if point && s == 28 || n >> 96 > 0 {
            m += i128::from(*c >= b'5');
            if m >> 96 > 0 {
                m = (m + 4) / 10;
                s = u32::checked_sub(s, 1)?;
            }
            return point.then_some((m, s));
        }
        m = n;
        s += u32::from(point);
    }
    Some((m, s))
}

fn scaled(d: (i128, u32), power: i32) -> Option<(i128, u32)> {
    let (mut m, mut s) = d;
    let mut left = power.clamp(-64, 64);
    if m == 0 {
        return Some(d);
    }
    while left > 0 {
        left -= 1;
        if s > 0 {
            s -= 1;
        } else {
            m *= 10;
        }
        if m >> 96 > 0 {
            return None;
        }
    }
    while left < 0 {
        let step = left.unsigned_abs().min(18);
        s += step;
        left += step as i32;
        if s > 28 {
            let by = 10i128.pow(s - 28);
            let (q, r) = (m / by, m % by);
            m = q + i128::from(2 * r > by || 2 * r == by && q % 2 == 1);
            s = 28;
        }
    }
    Some((m, s))
}

/// The number that a text writes as people do.
fn amount(s: &str) -> Option<(i128, u32)> {
    let s = s.trim();
    let (negative, s) = match s.as_bytes() {
        all if all.len() > 64 => return None,
        [b'(', inner @ .., b')'] => (true, inner),
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    let digits = |s: &[u8]| s.iter().all(u8::is_ascii_digit);
    let (mantissa, power) = match s.iter().position(|c| matches!(c, b'e' | b'E')) {
        Some(at) => {
            let (sign, n) = match &s[at + 1..] {
                [b'-', rest @ ..] => (-1, rest),
                [b'+', rest @ ..] => (1, rest),
                all => (1, all),
            };
            if !(1..=4).contains(&n.len()) || !digits(n) {
                return None;
            }
            (&s[..at], n.iter().fold(0, |n, c| 10 * n + i32::from(c - b'0')) * sign)
        }
        None => (s, 0),
    };
    let (whole, rest) = match mantissa.iter().position(|c| *c == b'.') {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &[][..]),
    };
    let groups: Vec<&[u8]> = whole.split(|c| *c == b',').collect();
    let grouped = (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|g| g.len() == 3);
    let all = [groups.concat(), rest.to_vec()].concat();
    if groups.len() > 1 && !grouped || !digits(&all) || all.is_empty() {
        return None;
    }
    let (m, s) = scaled(taken(&all, rest.len())?, power)?;
    Some((if negative { -m } else { m }, s))
}

fn near(m: i128, s: u32) -> f64 {
    format!("{m}e-{s}").parse().unwrap_or(f64::NAN)
}

fn read_amount(s: &str) -> Result<f64, String> {
    amount(s).map(|(m, s)| near(m, s)).ok_or(format!("cannot read {s:?} as num"))
}

fn decimal(x: f64) -> Result<(i128, u32), String> {
    amount(&format!("{x:e}")).ok_or(format!("{x:?} has no decimal form of 28 digits"))
}

fn round_to(x: f64, step: f64, mode: i32) -> Result<f64, String> {
    if step.is_nan() || step <= 0.0 {
        return Err(format!("a step must be greater than 0, but it is {step:?}"));
    }
    let ((m, s), (n, t)) = (decimal(x)?, decimal(step)?);
    let scale = s.max(t);
    let same = |m: i128, s: u32| m.checked_mul(10i128.pow(scale - s));
    let rounded = || {
        let (m, n) = (same(m, s)?, same(n, t)?);
        let over = m.checked_rem_euclid(n)?;
        let up = over > 0 && (mode > 0 || mode == 0 && (over > n - over || over == n - over && m > 0));
        let m = if up { m.checked_add(n - over)? } else { m.checked_sub(over)? };
        (m.unsigned_abs() / 10u128.pow(scale) >> 96 == 0).then(|| near(m, scale))
    };
    rounded().ok_or(format!("{x:?} in steps of {step:?} is out of range"))
}

fn format_num(x: f64, decimals: i64, width: i64, group: &str, point: &str, least: i64) -> Result<String, String> {
    let fixed = (decimals != -1).then_some(decimals);
    if [fixed.unwrap_or(0), width, least].iter().any(|n| !(0..=100).contains(n)) {
        return fail("digits must be from 0 to 100");
    }
    let (mut m, mut s) = decimal(x)?;
    while s > 0 && fixed.is_none() && m % 10 == 0 {
        m /= 10;
        s -= 1;
    }
    let keep = fixed.unwrap_or(28).min(28) as u32;
    if s > keep {
        let by = 10i128.pow(s - keep);
        m = (m.abs() + by / 2) / by * m.signum();
        s = keep;
    }
    let digits = format!("{:0width$}", m.abs(), width = s as usize + 1);
    let (whole, rest) = digits.split_at(digits.len() - s as usize);
    let whole = "0".repeat((width as usize).saturating_sub(whole.len())) + whole;
    let mut out = String::from(if m < 0 { "-" } else { "" });
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out += group;
        }
        out.push(c);
    }
    let least = fixed.unwrap_or(least) as usize;
    if !rest.is_empty() || least > 0 {
        out += &format!("{point}{rest:0<least$}");
    }
    Ok(out)
}
