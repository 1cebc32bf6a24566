use super::*;
use proptest::prelude::*;

fn mdy(s: &str) -> String {
    parse(s, Order::MonthFirst).map_or("none".into(), |d| d.to_string())
}

#[test]
fn forms_of_dates() {
    for (s, want) in [
        ("2033-04-19T07:28:41Z", "2033-04-19 07:28:41"),
        ("1764-10-05", "1764-10-05"),
        ("14-May-1877", "1877-05-14"),
        ("21 Feb 1948", "1948-02-21"),
        ("Aug 24 1999", "1999-08-24"),
        ("Feb 7, 2016, 10:48 PM", "2016-02-07 22:48"),
        ("30 October 2061", "2061-10-30"),
        ("5. April 1923", "1923-04-05"),
        ("2.9.1958", "1958-02-09"),
        ("5/17/2090", "2090-05-17"),
        ("17/5/2090", "2090-05-17"),
        ("5172090", "2090-05-17"),
        ("03.11.88", "1988-03-11"),
        ("05231911", "1911-05-23"),
        ("19520926", "1952-09-26"),
        ("19520926041533", "1952-09-26 04:15:33"),
        ("1931 162", "1931-06-11"),
        ("162 1931", "1931-06-11"),
        ("2060 59", "2060-02-28"),
        ("2060-059", "2060-02-28"),
        ("Saturday, 1987W31", "1987-08-01"),
        ("1987-W31-6", "1987-08-01"),
        ("Monday, 2051W07", "2051-02-13"),
        ("Thu wk 22 in 1964", "1964-05-28"),
        ("Friday #2 May 2008", "2008-05-09"),
        ("2nd Friday of May 2008", "2008-05-09"),
        ("May 2008 Fri 2", "2008-05-09"),
        ("4/20/1996 3:41:09 PM", "1996-04-20 15:41:09"),
        ("09-Jun-2077 13:50", "2077-06-09 13:50"),
        ("2018-03-30 @ 06:52:14", "2018-03-30 06:52:14"),
        ("2018-03-30 at 4 p.m.", "2018-03-30 16:00"),
        ("06:52:14, 2018-03-30", "2018-03-30 06:52:14"),
        ("28-Jul-2019 04:36:02", "2019-07-28 04:36:02"),
        ("1995--10--3", "1995-10-03"),
        ("19520926T041533+0200", "1952-09-26 04:15:33"),
        ("1952-09-26 04:15:33.123 +02:00", "1952-09-26 04:15:33"),
        ("Wed Oct 15 10:44:55 2014", "2014-10-15 10:44:55"),
        ("10/Oct/2000:13:55:36 -0700", "2000-10-10 13:55:36"),
        ("the 3rd of March, 2002", "2002-03-03"),
        ("March 3rd 2002", "2002-03-03"),
        ("02JAN2014", "2014-01-02"),
        ("Thurs, 2 Jan 2014", "2014-01-02"),
        ("Jan. 2, 2014", "2014-01-02"),
        ("SEPT 5 '97", "1997-09-05"),
        ("97-12-09", "1997-12-09"),
        ("Nov 2036", "Nov 2036"),
        ("2014-11", "Nov 2014"),
        ("11/2014", "Nov 2014"),
        ("2014-11 @ 8:15", "Nov 2014 08:15"),
        ("Nov-41", "Nov 2041"),
        ("March 12", "March 12"),
        ("12. March", "March 12"),
        ("Feb 29", "February 29"),
        ("5/17", "May 17"),
        ("March 12 8:15", "March 12 08:15"),
        (" 1809-01-11\n", "1809-01-11"),
    ] {
        assert_eq!(mdy(s), want, "{s}");
    }
}

#[test]
fn forms_of_times() {
    for (s, want) in [
        ("8:15", "08:15"),
        ("3:41:09 PM", "15:41:09"),
        ("0:00:45 AM", "00:00:45"),
        ("12:00:45 am", "00:00:45"),
        ("9:4:7", "09:04:07"),
        ("12:30pm", "12:30"),
        ("17:38:52", "17:38:52"),
        ("17:38:52.5Z", "17:38:52"),
        ("6PM", "18:00"),
        ("5:38PM", "17:38"),
        ("5.38 PM", "17:38"),
        ("5:38\u{202f}PM", "17:38"),
        ("17:38 PM", "17:38"),
    ] {
        assert_eq!(mdy(s), want, "{s}");
    }
    let clock = |s| parse_clock(s).map_or("none".into(), |d| d.to_string());
    for (s, want) in [
        ("318", "03:18"),
        ("0318", "03:18"),
        ("318 PM", "15:18"),
        ("1043", "10:43"),
        ("11", "11:00"),
        ("8", "08:00"),
        ("10:21", "10:21"),
        ("10:21:54", "10:21:54"),
        ("102154", "10:21:54"),
        ("6PM", "18:00"),
        ("275", "none"),
        ("24", "none"),
        ("8:15 March 12", "none"),
        ("12345", "none"),
    ] {
        assert_eq!(clock(s), want, "{s}");
    }
}

#[test]
fn what_is_no_date_is_refused() {
    for s in [
        "",
        "hello",
        "March",
        "Sunday",
        "1990",
        "11",
        "318",
        "1043",
        "2.15",
        "1,234",
        "3-4",
        "314/159/2026",
        "31 April 2001",
        "2001-02-29",
        "Feb 30",
        "0000-01-01",
        "12/0/2001",
        "13/13/2001",
        "Mon 2014-01-02",
        "8:60",
        "25:00",
        "13:00 AM",
        "8:15,",
        "@ 8:15",
        "- 8:15",
        "8:15 -",
        "1/2/",
        "/1/2/2003",
        "1-2/2003",
        "1,2,2003",
        "2001---11---6",
        "2001-12-06x",
        "x2001-12-06",
        "Jan 10 1975 5",
        "Jan Feb 2001",
        "2001W60",
        "Sunday 2001W60",
        "1987W31",
        "Friday #6 May 2008",
        "Friday #0 May 2008",
        "2001 366",
        "2001 0",
        "99999999999999",
        "20010101250000",
        "1st",
        "st 1",
        "2014-12-11 11",
        "8:15 9:15",
        "8:15:",
        ":8:15",
        "2014.",
        "Nov 5 2036 Z",
        "١/٢/٢٠٠٣",
        "2001-01-01 and much more after that, up to the end",
        "12:20-13:40",
        "1471.06",
        "4.1987",
        "10 2014",
        "8:5",
    ] {
        assert_eq!(mdy(s), "none", "{s}");
        assert_eq!(parse_all(s), vec![], "{s}");
    }
}

#[test]
fn order_matters_where_it_must() {
    let all = |s: &str| parse_all(s).iter().map(|(_, d)| d.to_string()).collect::<Vec<_>>();
    assert_eq!(all("2.9.1958"), ["1958-02-09", "1958-09-02"]);
    assert_eq!(all("9.9.1958"), ["1958-09-09"]);
    assert_eq!(all("5/17/2090"), ["2090-05-17"]);
    assert_eq!(all("03041911"), ["1911-03-04", "1911-04-03"]);
    assert_eq!(all("1958-09-02"), ["1958-09-02"]);
    assert_eq!(all("2 Sept 1958"), ["1958-09-02"]);
    assert_eq!(all("8:15"), ["08:15"]);
    assert_eq!(parse("2/9/88", Order::DayFirst), Stamp::new(Some(1988), Some(9), Some(2)));
}

#[test]
fn patterns() {
    let d = parse("2002-09-03 18:05:07", Order::MonthFirst).unwrap();
    for (pattern, want) in [
        ("%Y %y %m %-m %d %-d", "2002 02 09 9 03 3"),
        ("%B %b %A %a", "September Sep Tuesday Tue"),
        ("%H %-H %I %-I %M %-M %S %-S %p %P", "18 18 06 6 05 5 07 7 PM pm"),
        ("%j %-j %V %-V %G Q%q", "246 246 36 36 2002 Q3"),
        ("100%% é", "100% é"),
        ("%F %T|%e|%_m|%^b|%k|%D|%R|%u|%C|%h", "2002-09-03 18:05:07| 3| 9|SEP|18|09/03/02|18:05|2|20|Sep"),
    ] {
        assert_eq!(try_format(&d, pattern).as_deref(), Ok(want), "{pattern}");
    }
    let directive = |s: &str| Err(Unwritable::Directive(s.into()));
    for bad in ["%", "%-", "%é", "%Z", "%999999d", "%L"] {
        assert_eq!(try_format(&d, bad), directive(bad));
    }
    let month = parse("Nov 2036", Order::MonthFirst).unwrap();
    assert_eq!(format(&month, "%m/%Y").as_deref(), Some("11/2036"));
    assert_eq!(try_format(&month, "%A"), Err(Unwritable::Missing("day")));
    assert_eq!(try_format(&month, "%T"), Err(Unwritable::Missing("hour")));
    let clock = parse("12:07 AM", Order::MonthFirst).unwrap();
    assert_eq!(format(&clock, "%-I.%M %p").as_deref(), Some("12.07 AM"));
    assert_eq!(try_format(&clock, "%F"), Err(Unwritable::Missing("year")));
    assert_eq!(try_format(&clock, "%S"), Err(Unwritable::Missing("second")));
}

#[test]
fn times_move() {
    let read = |s: &str| parse(s, Order::MonthFirst).unwrap();
    let shown = |d: Option<Stamp>| d.map_or("none".into(), |d| d.to_string());
    assert_eq!(shown(floor_time(&read("8:44"), 30)), "08:30");
    assert_eq!(shown(ceil_time(&read("8:44"), 30)), "09:00");
    assert_eq!(shown(ceil_time(&read("8:30"), 30)), "08:30");
    assert_eq!(shown(ceil_time(&read("8:30:01"), 30)), "09:00:00");
    assert_eq!(shown(round_time(&read("8:44"), 30)), "08:30");
    assert_eq!(shown(round_time(&read("8:45"), 30)), "09:00");
    assert_eq!(shown(ceil_time(&read("2039-12-31 23:55"), 30)), "2040-01-01 00:00");
    assert_eq!(shown(ceil_time(&read("23:55"), 50)), "00:00");
    assert_eq!(shown(floor_time(&read("8:44"), 0)), "none");
    assert_eq!(shown(floor_time(&read("8:44"), 2000)), "none");
    assert_eq!(shown(floor_time(&read("2039-12-31"), 30)), "none");
    assert_eq!(shown(add_minutes(&read("23:55"), 10)), "00:05");
    assert_eq!(shown(add_minutes(&read("0:05:30"), -10)), "23:55:30");
    assert_eq!(shown(add_minutes(&read("2039-12-31 23:55"), 10)), "2040-01-01 00:05");
    assert_eq!(shown(add_minutes(&read("Feb 28 23:55"), 10)), "none");
    assert_eq!(shown(add_minutes(&read("Feb 28 23:55"), -10)), "February 28 23:45");
    assert_eq!(shown(add_minutes(&read("23:55"), i64::MAX)), "none");
    assert_eq!(shown(add_days(&read("2000-02-28 8:15"), 2)), "2000-03-01 08:15");
    assert_eq!(shown(add_days(&read("8:15"), 2)), "none");
    assert_eq!(shown(add_days(&read("0001-01-01"), -1)), "none");
    assert_eq!(shown(add_days(&read("9999-12-31"), 1)), "none");
    assert_eq!(shown(add_days(&read("2000-02-28"), i64::MIN)), "none");
}

fn any_stamp() -> impl Strategy<Value = Stamp> {
    let date = (1i16..=9999, 1u8..=12, 1u8..=31, 0u8..4).prop_filter_map("no such day", |(y, m, d, kind)| match kind {
        0 => Stamp::new(None, Some(m), Some(d)),
        1 => Stamp::new(Some(y), Some(m), None),
        _ => Stamp::new(Some(y), Some(m), Some(d)),
    });
    let clock = (0u8..24, 0u8..60, prop::option::of(0u8..60)).prop_map(|(h, m, s)| Stamp::clock(h, m, s).unwrap());
    prop_oneof![date.clone(), clock.clone(), (date, clock).prop_map(|(d, c)| d.at(c))]
}

proptest! {
    #[test]
    fn any_text_is_survived(s in "\\PC{0,45}|[0-9:/. ,#@TZPAMW-]{0,30}|([0-9]{1,4}|[ :/.-]|Mar|W|Tue|PM|st|T|at){0,12}") {
        for order in [Order::MonthFirst, Order::DayFirst] {
            if let Some(d) = parse(&s, order) {
                prop_assert_eq!(parse(&d.to_string(), order), Some(d));
            }
        }
        let _ = (parse_all(&s), parse_clock(&s));
    }

    #[test]
    fn any_pattern_is_survived(d in any_stamp(), p in "\\PC{0,20}|(%[-_0^#]?[0-9]{0,3}[A-Za-z%]){0,5}") {
        let _ = format(&d, &p);
    }

    #[test]
    fn what_is_shown_reads_back(d in any_stamp()) {
        for order in [Order::MonthFirst, Order::DayFirst] {
            prop_assert_eq!(parse(&d.to_string(), order), Some(d));
        }
    }

    #[test]
    fn what_is_written_reads_back(d in any_stamp()) {
        let dates = ["%F", "%d %B %Y", "%b %-d, %Y", "%a, %-d %b %Y", "%Y %j", "%A, %GW%V", "%d-%b-%Y", "%B %Y", "%-d %b"];
        let times = ["%H:%M:%S", "%-I:%M:%S %p", "%T", "%H:%M", "%-I:%M%P"];
        let mut patterns: Vec<String> = Vec::new();
        for date in dates {
            patterns.push(date.into());
            patterns.extend(times.map(|t| format!("{date} {t}")));
        }
        patterns.extend(times.map(String::from));
        for p in patterns {
            // Patterns that write all that is known.
            let Some(text) = format(&d, &p) else { continue };
            let Some(back) = parse(&text, Order::MonthFirst) else { panic!("{text} by {p}") };
            let known = |f: Fields| d.known().contains(f);
            if back.known() == d.known() {
                prop_assert_eq!(back, d, "{} by {}", text, p);
            } else {
                prop_assert!(known(back.known()), "{} by {}", text, p);
            }
        }
    }

    #[test]
    fn components_are_their_patterns(d in any_stamp()) {
        for &c in COMPONENTS {
            prop_assert_eq!(component(&d, c), format(&d, c.pattern()));
            prop_assert_eq!(component(&d, c).is_some(), d.known().contains(c.needs()));
        }
    }

    #[test]
    fn moved_times_come_back(d in any_stamp(), n in -100_000i64..100_000) {
        if let Some(moved) = add_minutes(&d, n) {
            prop_assert_eq!(add_minutes(&moved, -n), Some(d));
        }
    }
}
