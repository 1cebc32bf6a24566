//! Laws of the parts: what an expression means is what its source means, and an edge is where it is said to be.

use super::dates::{Date, Part, Read, Shift};
use super::edges::{cheapest_way, layout, ways};
use super::expr::{By, Each, Expr, Fun, Names, Split};
use super::numbers::{Change, Number, Source, Style};
use super::places::Places;
use super::pred::{Pred, candidates};
use super::prior::{Feature, NAMES, PAIRS, PLAIN, Prior, pair};
use super::rank::Evidence;
use super::solve::Problem;
use super::train::fold;
use crate::session::Session;
use crate::text::date::{Component, Order};
use crate::text::edge::{Edge, Pattern};
use crate::text::number::{Decimal, Mode};
use crate::text::token::{Boundary, Token};
use crate::vm::value::Value;
use proptest::prelude::*;

fn pattern() -> impl Strategy<Value = Pattern> {
    let tokens: Vec<Token> = Token::ALL.into_iter().chain(Token::MORE).collect();
    prop_oneof![
        prop::sample::select(tokens).prop_map(Pattern::Token),
        prop::sample::select(vec![" ", ",", "-", ", ", "a"]).prop_map(|t| Pattern::Text(t.into())),
    ]
}

fn index() -> impl Strategy<Value = i32> {
    prop::sample::select(vec![1, 2, 3, -1, -2])
}

fn edge() -> impl Strategy<Value = Edge> {
    prop_oneof![
        (0u32..6).prop_map(Edge::FromStart),
        (0u32..4).prop_map(Edge::FromEnd),
        (pattern(), index(), any::<bool>()).prop_map(|(p, i, b)| Edge::Match(
            p,
            i,
            if b { Boundary::Start } else { Boundary::End }
        )),
    ]
}

fn fun() -> impl Strategy<Value = Fun> {
    let tokens = prop::sample::select(vec![Token::Number, Token::Word, Token::AllCaps, Token::Space]);
    prop_oneof![
        prop::sample::select(vec![
            Fun::Lower,
            Fun::Upper,
            Fun::Proper,
            Fun::Title,
            Fun::Strip,
            Fun::Swap,
            Fun::Squeeze
        ]),
        tokens.clone().prop_map(Fun::GetAll),
        tokens.prop_map(Fun::RemoveAll),
        prop::sample::select(vec![Fun::Replace("-".into(), "/".into()), Fun::PadLeft(9, '0'), Fun::PadRight(7, ' ')]),
    ]
}

fn split() -> impl Strategy<Value = Split> {
    prop_oneof![
        Just(Split::Words),
        prop::sample::select(vec![",", ", ", "-"]).prop_map(|t| Split::At(t.into())),
        (1usize..4).prop_map(Split::Chunks),
    ]
}

fn by() -> impl Strategy<Value = By> {
    let all =
        vec![By::Without, By::Before, By::After, By::Drop, By::Take, By::TakeLast, By::DropLast, By::PadLeft('*')];
    prop_oneof![
        prop::sample::select(all),
        Just(By::Field(",".into())),
        Just(By::Match(Token::Word)),
        Just(By::PadRight(' ')),
    ]
}

fn number() -> impl Strategy<Value = Expr> {
    let change = prop::sample::select(vec![
        vec![],
        vec![Change::Round(Decimal::new(5, 1), Mode::Nearest)],
        vec![Change::Round(Decimal::TEN, Mode::Down), Change::Plus(Decimal::new(9, 0))],
        vec![Change::Over(Decimal::ONE_HUNDRED)],
        vec![Change::Times(Decimal::new(60, 0)), Change::Round(Decimal::ONE, Mode::Up)],
    ]);
    let style = prop::sample::select(vec![
        Style { point: ".", ..Style::default() },
        Style { decimals: Some(2), group: ",", point: ".", ..Style::default() },
        Style { width: 4, least: 1, point: ",", ..Style::default() },
    ]);
    let source = prop_oneof![
        Just(Source::Text(Expr::Column(1))),
        Just(Source::Text(Expr::Match(Box::new(Expr::Column(0)), Pattern::Token(Token::Decimal), 1))),
        Just(Source::Len(Expr::Column(0))),
        Just(Source::Count(Expr::Column(0), Pattern::Token(Token::Word))),
        Just(Source::Occurrences(Expr::Column(0), Expr::Const("a".into()))),
    ];
    (source, change, style).prop_map(|(of, changes, style)| Expr::Number(Box::new(Number { of, changes, style })))
}

fn date() -> impl Strategy<Value = Expr> {
    let shifts = prop::sample::select(vec![vec![], vec![Shift::Floor(30)], vec![Shift::Add(-15), Shift::Ceil(60)]]);
    let parts = prop::sample::select(vec![
        vec![Part::Field(Component::Hour), Part::Text(":".into()), Part::Field(Component::Minute2)],
        vec![Part::Field(Component::Day), Part::Text("% ".into()), Part::Field(Component::MonthShort)],
    ]);
    let read = prop::sample::select(vec![Read::Clock, Read::Date(Order::DayFirst), Read::Date(Order::MonthFirst)]);
    (shifts, parts, read)
        .prop_map(|(shifts, parts, read)| Expr::Date(Box::new(Date { of: Expr::Column(1), read, shifts, parts })))
}

fn expr() -> impl Strategy<Value = Expr> {
    let leaf =
        prop_oneof![(0usize..2).prop_map(Expr::Column), "[ab, \"\\\\é]{0,4}".prop_map(Expr::Const), number(), date(),];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let of = inner.clone().prop_map(Box::new);
        prop_oneof![
            (of.clone(), pattern(), index()).prop_map(|(x, p, i)| Expr::Match(x, p, i)),
            (of.clone(), pattern(), index()).prop_map(|(x, p, i)| Expr::Field(x, p, i)),
            (of.clone(), edge(), edge()).prop_map(|(x, a, b)| Expr::Cut(x, a, b)),
            (fun(), of.clone()).prop_map(|(f, x)| Expr::Fn(f, x)),
            (of.clone(), split(), prop::sample::select(Each::ALL.to_vec()), "[-,]{0,1}")
                .prop_map(|(x, s, e, j)| Expr::Loop(x, s, e, j)),
            (by(), of.clone(), of.clone()).prop_map(|(by, a, b)| Expr::By(by, a, b)),
            (of.clone(), inner.clone()).prop_map(|(k, v)| {
                let text = |e: &Expr| if let Expr::Const(s) = e { s.clone() } else { "a".into() };
                Expr::Lookup(k, vec![(text(&v), "1".into()), ("ab".into(), "2".into())])
            }),
            (pred(), of.clone(), of).prop_map(|(p, a, b)| Expr::If(Box::new(p), a, b)),
            prop::collection::vec(inner, 0..3).prop_map(Expr::Concat),
        ]
    })
}

fn pred() -> impl Strategy<Value = Pred> {
    let a = || Expr::Column(0);
    let leaf = prop_oneof![
        Just(Pred::Contains(a(), Expr::Column(1))),
        Just(Pred::ContainsAnyCase(a(), Expr::Const("A".into()))),
        Just(Pred::Starts(a(), Expr::Const("a".into()))),
        Just(Pred::Ends(a(), Expr::Column(1))),
        Just(Pred::Equal(a(), Expr::Fn(Fun::Lower, Box::new(a())))),
        (pattern(), 1usize..3).prop_map(move |(p, n)| Pred::AtLeast(a(), p, n)),
        (0usize..6).prop_map(move |n| Pred::Longer(a(), n)),
        Just(Pred::NumberAtLeast(Expr::Column(1), 7.5)),
    ];
    leaf.prop_recursive(2, 4, 2, |p| {
        prop_oneof![
            p.clone().prop_map(|p| Pred::Not(Box::new(p))),
            (p.clone(), p.clone()).prop_map(|(a, b)| Pred::And(Box::new(a), Box::new(b))),
            (p.clone(), p).prop_map(|(a, b)| Pred::Or(Box::new(a), Box::new(b))),
        ]
    })
}

/// What a source text over `row` gives, `None` where it ends in an error.
fn run(source: &str, row: &[String]) -> Option<String> {
    let mut s = Session::default();
    let text = format!("fn program(row: [str]) -> str {{ {source} }}");
    s.step("<law>", &text).unwrap_or_else(|e| panic!("{text}\n{e:?}"));
    let cells: Vec<String> = row.iter().map(|c| super::expr::quoted(c)).collect();
    match s.step("<call>", &format!("program([{}])", cells.join(", "))) {
        Ok(done) => match done.value.value {
            Value::Str(s) => Some(s.to_string()),
            other => panic!("{other:?}"),
        },
        Err(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_expression_means_what_its_source_means(
        e in expr(),
        a in "[aAbé1, -]{0,12}",
        b in prop_oneof![Just("12".to_string()), Just("3.5".to_string()), Just("14:25".to_string()),
                         Just("2 Mar 2001".to_string()), "[ab1,]{0,3}"],
    ) {
        let row = vec![a, b];
        let source = e.source(&Names::standard(2, true));
        let direct = e.eval(&row).map(|v| v.into_owned());
        // Widths above 1,000 are not looked for.
        let told = run(&source, &row).filter(|text| text.chars().count() < 1_000);
        prop_assert_eq!(direct, told, "{}", source);
    }

    #[test]
    fn edges_fall_where_they_are_found(texts in prop::collection::vec("[abA1, -é]{1,14}", 1..4), other in "[abA1, -]{0,8}") {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let l = layout(&texts, &[other.as_str()], Prior::standard());
        for class in &l.classes {
            for (_, e) in class.begins.iter().chain(&class.ends) {
                for (t, at) in texts.iter().zip(class.at) {
                    prop_assert_eq!(e.find(t), Some(at as usize), "{:?} in {:?}", e, t);
                }
            }
        }
        for p in &l.pieces {
            let of = Box::new(Expr::Column(0));
            let e = match p.field {
                true => Expr::Field(of, p.pattern.clone(), p.index),
                false => Expr::Match(of, p.pattern.clone(), p.index),
            };
            for (t, (a, b)) in texts.iter().zip(p.spans) {
                let row = [t.to_string()];
                let value = e.eval(&row).map(|v| v.into_owned());
                prop_assert_eq!(value.as_deref(), t.get(a as usize..b as usize), "{:?}", p);
            }
        }
    }

    #[test]
    fn a_cut_costs_what_its_cheapest_edges_cost(texts in prop::collection::vec("[abA1, -é]{1,14}", 1..4)) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let prior = Prior::standard();
        let l = layout(&texts, &[], prior);
        for from in l.classes.iter().take(6) {
            for to in &l.classes {
                prop_assert_eq!(ways(from, to, prior)[0].0, cheapest_way(from, to, prior.least_pair(), prior));
            }
        }
    }

    #[test]
    fn a_piece_stands_where_it_is_said_to(e in expr(), a in "[aAbé1, -]{0,12}", b in "[aAb1, ]{0,8}") {
        let row = vec![a, b];
        if let Some((c, from, to)) = e.place(&row) {
            let there = &row[c][from..to];
            let value = e.eval(&row).map(|v| v.to_lowercase());
            prop_assert!(value.is_some_and(|v| there.to_lowercase().contains(&v) || matches!(e, Expr::Fn(..))), "{:?}", e);
        }
    }

    #[test]
    fn a_condition_holds_where_it_says(texts in prop::collection::vec("[abA1, -]{0,8}", 2..6)) {
        let rows: Vec<Vec<String>> = texts.into_iter().map(|t| vec![t]).collect();
        let refs: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
        for (p, _, holds) in candidates(&refs) {
            prop_assert!(holds.contains(&true) && holds.contains(&false));
            for (row, h) in refs.iter().zip(holds) {
                prop_assert_eq!(p.holds(row), Some(h), "{:?}", p);
            }
        }
    }
}

#[test]
fn the_shipped_prior_names_every_feature() {
    let text: serde_json::Value = serde_json::from_str(include_str!("prior.json")).unwrap();
    let weights = text["weights"].as_object().unwrap();
    for name in NAMES {
        assert!(weights.contains_key(*name), "{name}: train again");
    }
    assert!(text["made"].as_str().unwrap().starts_with("nsp train strings "));
    let paired = |i: usize| PAIRS.iter().any(|f| *f as usize == i);
    let range = |i: usize| if paired(i) { -1.0..20.0 } else { 0.0..20.0 };
    assert!(Prior::standard().weights.iter().enumerate().all(|(i, w)| range(i).contains(w)));
    assert_eq!(NAMES.len(), PLAIN.len());
    assert!(Prior::from_json("{\"weights\": {\"Nothing\": 1}}").unwrap_err().contains("no feature `Nothing`"));
}

#[test]
fn rows_speak_against_what_fails_on_them() {
    let row = |s: &str| vec![s.to_string()];
    let p = Problem {
        rows: vec![row("a-1"), row("b-2")],
        outputs: vec!["a".into(), "b".into()],
        others: vec![row("c-3"), row("d")],
        parts: Vec::new(),
    };
    let evidence = Evidence::new(&p);
    let cut = |to: Edge| Expr::Cut(Box::new(Expr::Column(0)), Edge::FromStart(0), to);
    let dash = cut(Edge::Match(Pattern::Text("-".into()), 1, Boundary::Start));
    let prior = Prior::standard();
    assert!(prior.weigh(&evidence.of(&dash)) > prior.weigh(&evidence.of(&cut(Edge::FromStart(1)))));
}

#[test]
fn edges_go_in_pairs() {
    let comma = |i, b| Edge::Match(Pattern::Text(",".into()), i, b);
    let word = |i| Edge::Match(Pattern::Token(Token::Word), i, Boundary::End);
    let (start, end) = (Boundary::Start, Boundary::End);
    assert_eq!(pair(&comma(1, end), &comma(2, start)), Some(Feature::PairField));
    assert_eq!(pair(&comma(-2, end), &comma(-1, start)), Some(Feature::PairField));
    assert_eq!(pair(&comma(1, end), &comma(3, start)), Some(Feature::PairSame));
    assert_eq!(pair(&comma(1, end), &comma(-1, start)), Some(Feature::PairAcross));
    assert_eq!(pair(&comma(1, end), &word(2)), Some(Feature::PairOther));
    assert_eq!(pair(&comma(1, end), &word(-1)), Some(Feature::PairOtherAcross));
    assert_eq!(pair(&Edge::FromStart(0), &comma(1, start)), Some(Feature::PairSide));
    assert_eq!(pair(&comma(-1, end), &Edge::FromEnd(0)), Some(Feature::PairSide));
    assert_eq!(pair(&comma(1, end), &Edge::FromEnd(0)), Some(Feature::PairFarSide));
    assert_eq!(pair(&Edge::FromStart(0), &Edge::FromEnd(0)), None);
    assert_eq!(pair(&Edge::FromStart(0), &Edge::FromStart(3)), Some(Feature::PairHead));
    assert_eq!(pair(&Edge::FromEnd(3), &Edge::FromEnd(0)), Some(Feature::PairTail));
    assert_eq!(pair(&Edge::FromStart(1), &Edge::FromEnd(1)), Some(Feature::PairTrim));
    assert_eq!(pair(&Edge::FromStart(1), &Edge::FromStart(2)), Some(Feature::PairFixed));
    assert_eq!(pair(&Edge::FromStart(1), &word(1)), Some(Feature::PairMixed));
}

#[test]
fn places_tell_what_is_left_out() {
    let word = |i| Expr::Match(Box::new(Expr::Column(0)), Pattern::Token(Token::Word), i);
    let row = vec!["one two, three four".to_string(), "more".to_string()];
    let both = Expr::Concat(vec![word(-1), Expr::Const("/".into()), Expr::Fn(Fun::Upper, Box::new(word(1)))]);
    let places = Places::new(&both, &row);
    assert!(places.all);
    assert_eq!(places.gaps(), [0, 2, 0]);
    assert_eq!(places.overlaps(), 0);
    let around: Vec<_> = places.looks().map(|l| l.around).collect();
    assert_eq!(around, [[Some(' '), None], [None, Some(' ')]]);
    assert_eq!(Places::new(&Expr::Concat(vec![word(2), word(2)]), &row).overlaps(), 1);
    let long = Expr::Loop(Box::new(Expr::Column(0)), Split::Words, Each::First, String::new());
    assert!(!Places::new(&long, &row).all);
}

#[test]
fn rows_speak_against_gaps_of_another_size() {
    let row = |s: &str| vec![s.to_string()];
    let p = Problem {
        rows: vec![row("1 elm road"), row("22 oak lane")],
        outputs: vec!["elm".into(), "oak".into()],
        others: vec![row("3 old mill street"), row("4 fir way")],
        parts: Vec::new(),
    };
    let space = |i, b| Edge::Match(Pattern::Text(" ".into()), i, b);
    let gaps = |to: Edge| {
        let e = Expr::Cut(Box::new(Expr::Column(0)), space(1, Boundary::End), to);
        Evidence::new(&p).of(&e).0[Feature::RowGaps as usize]
    };
    assert!(gaps(space(2, Boundary::Start)) > 0.0);
    assert_eq!(gaps(space(-1, Boundary::Start)), 0.0);
}

#[test]
fn families_keep_their_fold() {
    assert_eq!(fold("playgol/p1", 5), fold("playgol/p1", 5));
    let folds: std::collections::HashSet<usize> = (0..200).map(|i| fold(&format!("s/{i}"), 5)).collect();
    assert_eq!(folds.len(), 5);
}
