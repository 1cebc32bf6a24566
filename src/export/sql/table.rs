//! Operations as SQL expressions.

use crate::export::table::Line;

/// The template of an operation, and whether it may be NULL though its arguments are not: the key then ends with `!`.
pub(super) fn template(key: &str) -> Option<(&'static str, bool)> {
    OPS.iter().find_map(|(k, t)| match k.strip_suffix('!') {
        Some(k) => (k == key).then_some((*t, true)),
        None => (*k == key).then_some((*t, false)),
    })
}

/// By the operation's name and the types of its parameters.
pub const OPS: &[Line] = &[
    ("+(int, int)!", "(SELECT CASE typeof(nsp_0) WHEN 'integer' THEN nsp_0 END FROM (SELECT $0 + $1 AS nsp_0))"),
    ("-(int, int)!", "(SELECT CASE typeof(nsp_0) WHEN 'integer' THEN nsp_0 END FROM (SELECT $0 - $1 AS nsp_0))"),
    ("*(int, int)!", "(SELECT CASE typeof(nsp_0) WHEN 'integer' THEN nsp_0 END FROM (SELECT $0 * $1 AS nsp_0))"),
    ("neg(int)!", "(SELECT CASE typeof(nsp_0) WHEN 'integer' THEN nsp_0 END FROM (SELECT -$0 AS nsp_0))"),
    (
        "div(int, int)!",
        "(SELECT CASE WHEN nsp_1 = 0 OR typeof(nsp_0 / nsp_1) <> 'integer' THEN NULL ELSE nsp_0 / nsp_1 - \
         (nsp_0 % nsp_1 <> 0 AND (nsp_0 < 0) <> (nsp_1 < 0)) END FROM (SELECT $0 AS nsp_0, $1 AS nsp_1))",
    ),
    (
        "%(int, int)!",
        "(SELECT CASE WHEN nsp_1 = 0 THEN NULL WHEN nsp_0 % nsp_1 <> 0 AND (nsp_0 < 0) <> (nsp_1 < 0) \
         THEN nsp_0 % nsp_1 + nsp_1 ELSE nsp_0 % nsp_1 END FROM (SELECT $0 AS nsp_0, $1 AS nsp_1))",
    ),
    ("min(int, int)", "min($0, $1)"),
    ("max(int, int)", "max($0, $1)"),
    (
        "clamp(int, int, int)!",
        "(SELECT CASE WHEN nsp_1 <= nsp_2 THEN min(max(nsp_0, nsp_1), nsp_2) END \
         FROM (SELECT $0 AS nsp_0, $1 AS nsp_1, $2 AS nsp_2))",
    ),
    ("not(bool)", "(NOT $0)"),
    ("==(int, int)", "($0 = $1)"),
    ("!=(int, int)", "($0 <> $1)"),
    ("<(int, int)", "($0 < $1)"),
    ("<=(int, int)", "($0 <= $1)"),
    (">(int, int)", "($0 > $1)"),
    (">=(int, int)", "($0 >= $1)"),
    ("==(bool, bool)", "($0 = $1)"),
    ("!=(bool, bool)", "($0 <> $1)"),
    ("==(str, str)", "($0 = $1)"),
    ("!=(str, str)", "($0 <> $1)"),
    ("<(str, str)", "($0 < $1)"),
    ("<=(str, str)", "($0 <= $1)"),
    (">(str, str)", "($0 > $1)"),
    (">=(str, str)", "($0 >= $1)"),
    ("str(int)", "CAST($0 AS TEXT)"),
    ("str(bool)", "(CASE WHEN $0 THEN 'true' WHEN NOT $0 THEN 'false' END)"),
    ("str(str)", "$0"),
    ("const_str(str)", "$0"),
    ("+(str, str)", "($0 || $1)"),
    ("len(str)", "length($0)"),
    ("contains(str, str)", "(instr($0, $1) > 0)"),
    ("starts_with(str, str)", "(SELECT substr($0, 1, length(nsp_0)) = nsp_0 FROM (SELECT $1 AS nsp_0))"),
    (
        "ends_with(str, str)",
        "(SELECT nsp_1 = '' OR substr(nsp_0, -length(nsp_1)) = nsp_1 FROM (SELECT $0 AS nsp_0, $1 AS nsp_1))",
    ),
    ("index_of(str, str)", "(instr($0, $1) - 1)"),
    (
        "[](str, int)!",
        "(SELECT CASE WHEN 0 <= nsp_1 AND nsp_1 < length(nsp_0) THEN substr(nsp_0, nsp_1 + 1, 1) END \
         FROM (SELECT $0 AS nsp_0, $1 AS nsp_1))",
    ),
    ("char_code(str)!", "(SELECT CASE length(nsp_0) WHEN 1 THEN unicode(nsp_0) END FROM (SELECT $0 AS nsp_0))"),
    (
        "upper(str)!",
        "(SELECT CASE length(CAST(nsp_0 AS BLOB)) WHEN length(nsp_0) THEN upper(nsp_0) END FROM (SELECT $0 AS nsp_0))",
    ),
    (
        "lower(str)!",
        "(SELECT CASE length(CAST(nsp_0 AS BLOB)) WHEN length(nsp_0) THEN lower(nsp_0) END FROM (SELECT $0 AS nsp_0))",
    ),
    ("replace(str, str, str)", "replace($0, $1, $2)"),
    ("trim(str)", "trim($0, char(9, 10, 11, 12, 13, 32))"),
    (
        "strip(str)",
        "trim($0, char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, \
         8202, 8232, 8233, 8239, 8287, 12288))",
    ),
    (
        "repeat_str(str, int)!",
        "(SELECT CASE WHEN nsp_1 >= 0 THEN replace(hex(zeroblob(nsp_1)), '00', nsp_0) END \
         FROM (SELECT $0 AS nsp_0, $1 AS nsp_1))",
    ),
    (
        "pad_left(str, int, str)!",
        "(SELECT CASE WHEN nsp_1 >= 0 AND length(nsp_2) = 1 \
         THEN replace(hex(zeroblob(max(nsp_1 - length(nsp_0), 0))), '00', nsp_2) || nsp_0 END \
         FROM (SELECT $0 AS nsp_0, $1 AS nsp_1, $2 AS nsp_2))",
    ),
    (
        "pad_right(str, int, str)!",
        "(SELECT CASE WHEN nsp_1 >= 0 AND length(nsp_2) = 1 \
         THEN nsp_0 || replace(hex(zeroblob(max(nsp_1 - length(nsp_0), 0))), '00', nsp_2) END \
         FROM (SELECT $0 AS nsp_0, $1 AS nsp_1, $2 AS nsp_2))",
    ),
    (
        "get_upto(str, str)",
        "(SELECT CASE WHEN nsp_0 IS NULL OR nsp_1 IS NULL THEN NULL WHEN nsp_1 <> '' AND instr(nsp_0, nsp_1) > 0 \
         THEN substr(nsp_0, 1, instr(nsp_0, nsp_1) + length(nsp_1) - 1) ELSE '' END \
         FROM (SELECT $0 AS nsp_0, $1 AS nsp_1))",
    ),
    (
        "get_from(str, str)",
        "(SELECT CASE WHEN nsp_0 IS NULL OR nsp_1 IS NULL THEN NULL WHEN nsp_1 <> '' AND instr(nsp_0, nsp_1) > 0 \
         THEN substr(nsp_0, instr(nsp_0, nsp_1) + length(nsp_1)) ELSE '' END \
         FROM (SELECT $0 AS nsp_0, $1 AS nsp_1))",
    ),
    (
        "sub_str(str, int, int)",
        "(SELECT CASE WHEN nsp_0 IS NULL THEN NULL WHEN nsp_3 < nsp_4 AND nsp_5 < nsp_6 \
         THEN substr(nsp_0, nsp_5 + 1, nsp_6 - nsp_5) ELSE '' END FROM (SELECT nsp_0, nsp_3, nsp_4, \
         CASE WHEN nsp_3 < 0 THEN max(nsp_3 + nsp_7, 0) ELSE min(nsp_3, nsp_7) END AS nsp_5, \
         CASE WHEN nsp_4 = nsp_7 THEN nsp_7 WHEN nsp_4 + 1 < 0 THEN max(nsp_4 + 1 + nsp_7, 0) \
         ELSE min(nsp_4 + 1, nsp_7) END AS nsp_6 FROM (SELECT nsp_0, length(nsp_0) AS nsp_7, \
         CASE WHEN nsp_1 > 0 THEN nsp_1 - 1 ELSE length(nsp_0) + nsp_1 END AS nsp_3, \
         CASE WHEN nsp_2 > 0 THEN nsp_2 - 1 ELSE length(nsp_0) + nsp_2 END AS nsp_4 \
         FROM (SELECT $0 AS nsp_0, $1 AS nsp_1, $2 AS nsp_2))))",
    ),
];

/// `to_case`, by its case.
pub(super) const CASES: &[Line] = &[
    (
        "PROPER -> case",
        "(SELECT CASE length(CAST(nsp_0 AS BLOB)) WHEN length(nsp_0) \
         THEN upper(substr(nsp_0, 1, 1)) || lower(substr(nsp_0, 2)) END FROM (SELECT $0 AS nsp_0))",
    ),
    (
        "ALL_CAPS -> case",
        "(SELECT CASE length(CAST(nsp_0 AS BLOB)) WHEN length(nsp_0) THEN upper(nsp_0) END FROM (SELECT $0 AS nsp_0))",
    ),
    (
        "LOWER -> case",
        "(SELECT CASE length(CAST(nsp_0 AS BLOB)) WHEN length(nsp_0) THEN lower(nsp_0) END FROM (SELECT $0 AS nsp_0))",
    ),
];
